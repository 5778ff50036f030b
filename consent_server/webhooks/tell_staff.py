"""Telling staff that a receiver was given up: nobody else would notice (WH-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog

from ..clock import from_micros
from ..ids import public
from ..mail import Message, queue
from ..mail.compose import UnfitAddress
from ..organisations import declared
from ..subjects import NotAnIdentifier, identify
from .hooks import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..db import Transaction
    from .hooks import Hook
    from .rules import Outcome

_log: Final = structlog.get_logger()


def tell_staff(tx: Transaction, hook: Hook, why: Outcome, now: int) -> None:
    """Let a message to the organisation's contact wait to leave, in the caller's transaction.

    It names the receiver's host alone: an address may hold a secret.
    """
    found = declared(tx, hook.organisation)
    own: Mapping[str, Any] = (found.body if found else {}).get("organisation") or {}
    address = str((own.get("contact") or {}).get("email") or "")
    try:
        match = identify("email", address, region="").match
        queue(
            tx,
            Message(
                organisation=hook.organisation,
                to=address,
                match=match,
                template=f"webhook_{why.value}",
                language=str(own.get("default_language") or "en"),
                values={
                    "receiver": urlsplit(hook.url).hostname or "",
                    "webhook": public(PREFIX, hook.id),
                },
            ),
            now=from_micros(now),
        )
    except (NotAnIdentifier, UnfitAddress):
        _log.warning("nobody to tell of a webhook", webhook=public(PREFIX, hook.id))
