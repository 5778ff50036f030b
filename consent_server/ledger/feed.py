"""The feed: an organisation's events in the order of the log, numbered without a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..db import Sql, as_json

if TYPE_CHECKING:
    from ..db import Transaction


class Event(NamedTuple):
    """One announcement at its number."""

    seq: int
    recorded_at: int
    payload: dict[str, Any]
    # What it is known by, whatever its number: the record and its place among that one's.
    record_id: int
    nth: int


# An entry may announce several events, so the first number wanted may lie within one; an
# entry that announces nothing has the number 0. Asked apart, so that either statement is
# one walk along the index, whatever the planner knows.
_HOLDING: Final = Sql(
    "SELECT first_seq FROM ledger_entry WHERE organisation_id = :organisation"
    " AND first_seq > 0 AND first_seq <= :wanted ORDER BY first_seq DESC LIMIT 1"
)
_AFTER: Final = (
    " FROM ledger_entry e JOIN ledger_record r"
    " ON r.organisation_id = e.organisation_id AND r.id = e.record_id"
    " WHERE e.organisation_id = :organisation AND r.organisation_id = :organisation"
    " AND e.first_seq >= :first ORDER BY e.first_seq LIMIT :most"
)
# As text on either engine: a page of them is read at once.
_ANNOUNCING: Final = Sql(
    f"SELECT e.first_seq, r.recorded_at, r.announcements, r.id{_AFTER}",
    f"SELECT e.first_seq, r.recorded_at, CAST(r.announcements AS text), r.id{_AFTER}",
)
_NEXT: Final = Sql("SELECT next_seq FROM ledger_feed WHERE organisation_id = :organisation")


def feed(tx: Transaction, organisation: int, after: int, limit: int) -> list[Event]:
    """Give up to `limit` events that follow the number `after`, in order, without a gap."""
    holding = tx.run(_HOLDING, {"organisation": organisation, "wanted": after + 1})
    first = holding[0][0] if holding else 1
    # One entry more than asked for, because of the first only the end may be wanted.
    values = {"organisation": organisation, "first": first, "most": limit + 1}
    rows = tx.run(_ANNOUNCING, values)
    told = as_json(f"[{','.join([row[2] for row in rows])}]")
    events = (
        Event(row[0] + nth, row[1], payload, row[3], nth)
        for row, payloads in zip(rows, told, strict=True)
        for nth, payload in enumerate(payloads)
    )
    return [event for event in events if event.seq > after][:limit]


def feed_head(tx: Transaction, organisation: int) -> int:
    """Give the number of the organisation's latest event; 0 before the first."""
    rows = tx.run(_NEXT, {"organisation": organisation})
    return int(rows[0][0]) - 1 if rows else 0
