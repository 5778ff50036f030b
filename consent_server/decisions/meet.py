"""Meeting visitors: what is known of each of several, read at once before they are served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..db import Reading, as_json, to_json
from . import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction


@dataclass(frozen=True)
class Asked:
    """What tells a visitor and her decision: keyed hashes of her id, the site, two ids."""

    hashes: tuple[bytes, ...]
    site: int
    client_id: str
    previous: str | None


class Step(NamedTuple):
    """A decision that another one follows, and what it followed itself."""

    id: int
    previous: int | None
    recorded_at: int


@dataclass(frozen=True)
class Known:
    """What the database knew at that moment, once nobody else was writing of the person."""

    # Of the organisation's configuration; None if there is no such organisation.
    version: int | None
    # The decision already recorded under the same id, as `SAME` has it.
    same: Sequence[Any] | None
    # Who holds the identifier, as `subjects.resolve.HOLDING` has it.
    holding: list[Sequence[Any]]
    # None: somebody moved the person meanwhile, ask again.
    rows: standing.Rows | None
    previous: Step | None


class Met(NamedTuple):
    """The same as it was read."""

    version: int | None
    same: Sequence[Any] | None
    holding: list[Sequence[Any]]
    rows: standing.Rows | None
    previous: Step | None

    @property
    def known(self) -> Known:
        """Give it to the rules."""
        return Known(self.version, self.same, self.holding, self.rows, self.previous)


_FIELDS: Final = """
    k.value ->> 0,
    (SELECT version FROM organisation_directory WHERE organisation_id = :organisation),
    d.id, d.subject_id, d.recorded_at, {fingerprint}, d.choices,
    p.id, p.previous_id, p.recorded_at,
    i.id, i.subject_id, i.shared, s.person_id, i.kind, i.verified_at
"""
_OF_PERSON: Final = """
    FROM standing WHERE organisation_id = :organisation AND subject_id IN (
        SELECT id FROM subject
        WHERE organisation_id = :organisation AND person_id = s.person_id)
"""
# Only PostgreSQL lets two write at once: there everybody met is locked first, in one order,
# so that groups do not lock crosswise, and seen as the writer before left them. Its tables
# are asked for one visitor after the other (OFFSET): the planner takes them for a hundred,
# and would read all of a table that is still small.
_MEET: Final = Reading(
    f"""
    SELECT json_array(NULL, json_group_array(json_array(
        {_FIELDS.format(fingerprint="lower(hex(d.fingerprint))")},
        (SELECT json_group_array(json_array(subject_id, hex(body))) {_OF_PERSON}))))
    FROM json_each(:asked) k
    LEFT JOIN identifier i ON i.organisation_id = :organisation AND i.kind = 'visitor'
      AND i.hash = unhex(k.value ->> 1) AND i.closed_at IS NULL
    LEFT JOIN subject s ON s.organisation_id = :organisation AND s.id = i.subject_id
    LEFT JOIN decision d ON d.organisation_id = :organisation AND d.site_id = k.value ->> 2
      AND d.client_id = k.value ->> 3
    LEFT JOIN decision p ON p.organisation_id = :organisation AND p.site_id = k.value ->> 2
      AND p.client_id = k.value ->> 4
    """,
    """
    SELECT set_config('consent.met', coalesce(json_agg(person_id)::text, '[]'), true) FROM (
        SELECT person_id, pg_advisory_xact_lock(person_id) FROM (
            SELECT DISTINCT s.person_id FROM json_array_elements(:asked) AS k(value)
            CROSS JOIN LATERAL (SELECT subject_id FROM identifier
                WHERE organisation_id = :organisation AND kind = 'visitor'
                  AND hash = decode(k.value ->> 1, 'hex') AND closed_at IS NULL OFFSET 0) i
            CROSS JOIN LATERAL (SELECT person_id FROM subject
                WHERE organisation_id = :organisation AND id = i.subject_id OFFSET 0) s
            ORDER BY s.person_id) p) locked
    """,
    f"""
    SELECT json_build_array(
        nullif(current_setting('consent.met', true), '')::json, json_agg(json_build_array(
        {_FIELDS.format(fingerprint="encode(d.fingerprint, 'hex')")},
        (SELECT json_agg(json_build_array(subject_id, encode(body, 'hex'))) {_OF_PERSON}))))
    FROM json_array_elements(:asked) AS k(value)
    LEFT JOIN LATERAL (SELECT * FROM identifier
        WHERE organisation_id = :organisation AND kind = 'visitor'
          AND hash = decode(k.value ->> 1, 'hex') AND closed_at IS NULL OFFSET 0) i ON TRUE
    LEFT JOIN LATERAL (SELECT * FROM subject
        WHERE organisation_id = :organisation AND id = i.subject_id OFFSET 0) s ON TRUE
    LEFT JOIN LATERAL (SELECT * FROM decision
        WHERE organisation_id = :organisation AND site_id = (k.value ->> 2)::bigint
          AND client_id = k.value ->> 3 OFFSET 0) d ON TRUE
    LEFT JOIN LATERAL (SELECT * FROM decision
        WHERE organisation_id = :organisation AND site_id = (k.value ->> 2)::bigint
          AND client_id = k.value ->> 4 OFFSET 0) p ON TRUE
    """,
)
_SAME: Final = slice(2, 7)
_PREVIOUS: Final = slice(7, 10)
_HOLDING: Final = slice(10, 16)


def meet(tx: Transaction, organisation: int, asked: Sequence[Asked]) -> list[Met]:
    """Read what is known of each, in their order, and keep other writers off them."""
    values: dict[str, int | str] = {"organisation": organisation}
    values["asked"] = to_json(_places(asked))
    met, found = tx.look(_MEET, values)
    rows: list[list[Any]] = [[] for _ in asked]
    for row in found:
        rows[int(row[0])].append(row)
    seen: set[int] = set()
    return [_met(several, met, seen) for several in rows]


def _places(asked: Sequence[Asked]) -> list[list[Any]]:
    return [
        [place, each.hex(), one.site, one.client_id, one.previous]
        for place, one in enumerate(asked)
        for each in one.hashes
    ]


def _met(found: Sequence[Sequence[Any]], locked: Sequence[int] | None, seen: set[int]) -> Met:
    first = found[0]
    holding = {row[10]: row for row in found if row[10] is not None}
    persons = {row[13] for row in holding.values()}
    rows: standing.Rows | None = None
    known = len(persons) < 2 and (locked is None or persons.issubset(locked))
    # Two devices of one person: when the second is served, the first has written of her.
    if known and seen.isdisjoint(persons):
        told = next((as_json(row[16]) for row in holding.values()), None) or ()
        rows = standing.by_purpose(told)
    seen |= persons
    return Met(
        version=first[1],
        same=first[_SAME] if first[2] is not None else None,
        holding=[row[_HOLDING] for row in holding.values()],
        rows=rows,
        previous=Step(*first[_PREVIOUS]) if first[7] is not None else None,
    )
