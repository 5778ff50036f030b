"""The queue as staff see it: what waits, what left, what was refused; nobody's address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros
from ..db import Sql
from ..ids import public
from .compose import PREFIX

if TYPE_CHECKING:
    from ..db import Transaction

_LIST: Final = Sql(
    "SELECT id, template, language, state, tries, recorded_at, due_at, finished_at, outcome"
    " FROM mail_message WHERE organisation_id = :organisation"
    " ORDER BY recorded_at DESC, id DESC LIMIT :most"
)


def messages_shown(tx: Transaction, organisation: int, most: int) -> list[dict[str, Any]]:
    """List the latest messages, newest first."""
    values = {"organisation": organisation, "most": most}
    return [
        {
            "id": public(PREFIX, number),
            "template": template,
            "language": language,
            "state": state,
            "tries": tries,
            "recorded_at": rfc3339_micros(recorded_at),
            "next_try_at": None if due_at is None or not tries else rfc3339_micros(due_at),
            "finished_at": None if finished_at is None else rfc3339_micros(finished_at),
            "outcome": outcome,
        }
        for (
            number, template, language, state, tries, recorded_at, due_at, finished_at, outcome,
        ) in tx.run(_LIST, values)
    ]  # fmt: skip
