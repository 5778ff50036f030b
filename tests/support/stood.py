"""What stands of somebody, told without ids: what two ways of recording are compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consent_server.decisions import standing

if TYPE_CHECKING:
    from consent_server.db import Transaction
    from consent_server.decisions.rules import Row


def stood_of(tx: Transaction, organisation: int, subject: int) -> list[Any]:
    """Tell every row of a subject: its purpose, its yes and its no."""
    rows = standing.of_subject(tx, organisation, subject)
    return sorted(
        ((purpose, *_told(row)) for purpose, several in rows.items() for row in several),
        key=repr,
    )


def _told(row: Row) -> tuple[Any, Any]:
    yes, no = row.yes, row.no
    said = yes and (
        yes.given_at, yes.recorded_at, yes.expires_at, yes.notice, yes.number, yes.version,
        yes.assertion, yes.enough, bool(yes.names),
    )  # fmt: skip
    return said, no and (no.recorded_at, no.state)
