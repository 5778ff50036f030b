"""Beginning an export: what is asked is checked, and the audit trail keeps that it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import notices
from ..clock import rfc3339
from ..ids import public
from ..organisations import audit
from ..problems import Unprocessable

if TYPE_CHECKING:
    from datetime import datetime

    from ..db import Transaction
    from .wanted import Wanted


def begin(
    tx: Transaction, organisation: int, wanted: Wanted, *, form: str, actor: str, now: datetime
) -> None:
    """Refuse what is not there, and note who takes what with them."""
    if wanted.purpose is not None:
        known = notices.configuration(tx, organisation).purpose(wanted.purpose)
        if wanted.what == "subjects":
            raise Unprocessable.at(
                "/purpose", "facts about people have no purpose: leave it out"
            )
        if known is None or known.slug != wanted.purpose:
            raise Unprocessable.at("/purpose", "this organisation has no purpose of this slug")
    audit(
        tx,
        organisation=organisation,
        actor=actor,
        action=f"{wanted.what}.exported",
        target=public("org", organisation),
        detail={
            "since": rfc3339(wanted.since) if wanted.since else None,
            "until": rfc3339(wanted.until),
            "purpose": wanted.purpose,
            "identifiers": wanted.identifiers,
            "format": form,
        },
        now=now,
    )
