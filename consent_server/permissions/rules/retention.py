"""Until when a relationship's data may be kept, whether or not anybody deletes them (A8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...clock import add_period, from_micros, to_micros

if TYPE_CHECKING:
    from ..values import Facts, Relationship, Setting


def past_retention(facts: Facts, setting: Setting, now: int) -> bool:
    """Tell whether every relationship's data should be gone, deleted or not (A8)."""
    limits = [
        limit
        for each in facts.relationships
        if (limit := kept_until(each, facts, setting)) is not None
    ]
    kept_for_ever = len(limits) < len(facts.relationships)
    return bool(limits) and not kept_for_ever and max(limits) <= now


def kept_until(relationship: Relationship, facts: Facts, setting: Setting) -> int | None:
    """Tell until when a relationship's data may be kept; None if nothing says so."""
    rule = setting.retention.get(relationship.kind)
    if rule is None:
        return None
    start: int | None = relationship.since or relationship.recorded_at
    if rule.counts_from == "last_contact":
        start = max(start or 0, facts.last_contact or 0)
    elif rule.counts_from in {"end_of_relation", "settlement"}:
        start = relationship.until
    if start is None:
        return None
    return to_micros(add_period(from_micros(start), rule.period))
