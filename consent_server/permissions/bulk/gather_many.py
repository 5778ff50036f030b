"""Gathering for many: what bears on one purpose, for a batch, at one moment.

The same facts that the single question gathers (gather.py), in a fixed number of
statements for the batch and none for a row.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ...db import Sql, to_json
from ...decisions import standing as stood
from ...subjects.identifiers import CROSSED
from ..gather import Gathered, compose, read_facts
from ..hot import DEVICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...db import Transaction
    from ...decisions.rules import Row

    Rows = dict[int, list[Sequence[Any]]]

# CROSS JOIN is SQLite's word for "from the asked ones outwards, as written".
_ASKED: Final = (
    "json_each(:asked) k",
    "k.value ->> 0",
    "unhex(k.value ->> 1)",
    "unnest(:places::int[], :hashes::bytea[]) AS k(place, hash)",
    "k.place",
    "k.hash",
)
_PERSONS: Final = (
    "json_each(:persons) k",
    "k.value",
    "",
    "unnest(:persons::bigint[]) AS k(person)",
    "k.person",
    "",
)


def _both(text: str, many: tuple[str, ...]) -> Sql:
    def written(source: str, first: str, second: str) -> str:
        return text.format(source=source, first=first, second=second)

    return Sql(written(*many[:3]), written(*many[3:]).replace("CROSS JOIN", "JOIN"))


_HELD: Final = _both(
    """
    SELECT {first}, i.id, i.subject_id, i.shared, s.person_id FROM {source}
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.hash = {second}
        AND i.kind = :kind AND i.closed_at IS NULL
    CROSS JOIN subject s ON s.organisation_id = :organisation AND s.id = i.subject_id
    """,
    _ASKED,
)
_CROSSED: Final = _both(
    """
    SELECT {first}, i.id, i.subject_id, i.shared, s.person_id FROM {source}
    CROSS JOIN crossed_hash c ON c.organisation_id = :organisation AND c.hash = {second}
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.id = c.identifier_id
        AND i.closed_at IS NULL
    CROSS JOIN subject s ON s.organisation_id = :organisation AND s.id = i.subject_id
    """,
    _ASKED,
)
# Suppressed, and nobody's (any more): it is found by its own hash alone.
_OF_HASH: Final = _both(
    """
    SELECT {first}, x.scope, x.reason, x.lifted FROM {source}
    CROSS JOIN suppression x ON x.organisation_id = :organisation AND x.hash = {second}
        AND x.closed_at IS NULL
    """,
    _ASKED,
)
_OF_CROSSED: Final = _both(
    """
    SELECT {first}, x.scope, x.reason, x.lifted FROM {source}
    CROSS JOIN crossed_hash c ON c.organisation_id = :organisation AND c.hash = {second}
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.id = c.identifier_id
        AND i.closed_at IS NULL
    CROSS JOIN suppression x ON x.organisation_id = :organisation AND x.hash = i.hash
        AND x.closed_at IS NULL
    """,
    _ASKED,
)
# Erased meanwhile, or never known: what is suppressed is found by its crossed forms.
_OF_SUPPRESSED: Final = _both(
    """
    SELECT {first}, x.scope, x.reason, x.lifted FROM {source}
    CROSS JOIN suppressed_hash c ON c.organisation_id = :organisation AND c.hash = {second}
    CROSS JOIN suppression x ON x.organisation_id = :organisation AND x.hash = c.suppressed
        AND x.closed_at IS NULL
    """,
    _ASKED,
)
# Of whom nobody is known, the vault may still keep proof.
_VAULTED: Final = _both(
    """
    SELECT {first}, v.ends_at FROM {source}
    CROSS JOIN vaulted_hash v ON v.organisation_id = :organisation AND v.hash = {second}
    """,
    _ASKED,
)
_MEMBERS: Final = (
    "FROM {source} CROSS JOIN subject p ON p.organisation_id = :organisation"
    " AND p.person_id = {first}"
)
_STANDING: Final = _both(
    f"""
    SELECT p.person_id, st.subject_id, st.body {_MEMBERS}
    CROSS JOIN standing st ON st.organisation_id = :organisation AND st.subject_id = p.id
    """,
    _PERSONS,
)
_FACTS: Final = _both(
    f"""
    SELECT p.person_id, f.kind, f.body, f.since, f.until, f.informed_at, f.recorded_at
    {_MEMBERS}
    CROSS JOIN subject_fact f ON f.organisation_id = :organisation AND f.subject_id = p.id
        AND f.closed_at IS NULL
    """,
    _PERSONS,
)
# One that others share, and one that mail does not reach, stop only themselves (gather.py).
_OF_PERSON: Final = _both(
    f"""
    SELECT p.person_id, x.scope, x.reason, x.lifted {_MEMBERS}
    CROSS JOIN identifier o ON o.organisation_id = :organisation AND o.subject_id = p.id
        AND o.closed_at IS NULL AND o.shared = 0
    CROSS JOIN suppression x ON x.organisation_id = :organisation AND x.hash = o.hash
        AND x.closed_at IS NULL AND x.reason <> 'bounced'
    """,
    _PERSONS,
)

_ACCOUNT: Final = _both(
    f"""
    SELECT p.person_id, a.id {_MEMBERS}
    CROSS JOIN identifier a ON a.organisation_id = :organisation AND a.subject_id = p.id
        AND a.closed_at IS NULL AND a.shared = 0 AND a.kind <> 'visitor'
    """,
    _PERSONS,
)


def gather_many(
    tx: Transaction,
    organisation: int,
    kind: str,
    asked: Sequence[Sequence[bytes]],
    *,
    purpose: int,
    version: int,
) -> list[Gathered]:
    """Gather for each of those asked, given by its hashes under every index key in use."""
    found = _Found(tx, organisation, kind, asked, purpose)
    return [found.at(place, version) for place in range(len(asked))]


class _Found:
    """What was read for a batch, sorted by whom it is about."""

    def __init__(
        self,
        tx: Transaction,
        organisation: int,
        kind: str,
        asked: Sequence[Sequence[bytes]],
        purpose: int,
    ) -> None:
        reading = _Reading(tx, organisation)
        mine = reading.asked(asked)
        crossed = kind == CROSSED
        self._held = _by_first(tx.run(_CROSSED if crossed else _HELD, {**mine, "kind": kind}))
        held = {row[3] for rows in self._held.values() for row in rows}
        persons = reading.persons(held)
        self._standing = _by_first(tx.run(_STANDING, persons))
        self._facts = _by_first(tx.run(_FACTS, persons))
        self._stopped = _by_first(tx.run(_OF_PERSON, persons))
        self._accounts = _by_first(tx.run(_ACCOUNT, persons)) if kind == DEVICE else {}
        of_hash = (_OF_CROSSED, _OF_SUPPRESSED) if crossed else (_OF_HASH,)
        self._alone = _by_first([row for sql in of_hash for row in tx.run(sql, mine)])
        nobody = [() if place in self._held else each for place, each in enumerate(asked)]
        self._vaulted = (
            _by_first(tx.run(_VAULTED, reading.asked(nobody))) if any(nobody) else {}
        )

    def who(self, place: int) -> set[int]:
        """Name the persons that one of those asked leads to."""
        return {row[3] for row in self._held.get(place, ())}

    def at(self, place: int, version: int) -> Gathered:
        """Put together what one of those asked leads to."""
        who = self.who(place)
        stopped = [*_of(self._stopped, who), *self._alone.get(place, ())]
        told = read_facts(_of(self._facts, who), stopped)
        if place in self._vaulted:
            told["erased_until"] = max(until for (until,) in self._vaulted[place])
        return compose(
            version,
            self._held.get(place, []),
            partial(_rows, _of(self._standing, who)),
            told,
            [number for (number,) in _of(self._accounts, who)],
        )


class _Reading:
    """Writes lists as each engine takes them: JSON on SQLite, arrays on PostgreSQL."""

    def __init__(self, tx: Transaction, organisation: int) -> None:
        self._postgresql = tx.postgresql
        self._organisation = organisation

    def asked(self, many: Sequence[Sequence[bytes]]) -> dict[str, Any]:
        # Sorted, so that an index is walked once from its beginning to its end.
        pairs = sorted((each, place) for place, hashes in enumerate(many) for each in hashes)
        if self._postgresql:
            lists = {
                "places": [place for _, place in pairs],
                "hashes": [each for each, _ in pairs],
            }
            return {**lists, "organisation": self._organisation}
        listed = to_json([[place, each.hex()] for each, place in pairs])
        return {"asked": listed, "organisation": self._organisation}

    def persons(self, many: Iterable[int]) -> dict[str, Any]:
        listed = sorted(many)
        value = listed if self._postgresql else to_json(listed)
        return {"persons": value, "organisation": self._organisation}


def _rows(raws: Sequence[Sequence[Any]], purpose: int) -> Iterable[Row]:
    return (row for raw in raws for _, row in stood.read(raw, purpose))


def _by_first(rows: Iterable[Sequence[Any]]) -> Rows:
    found: Rows = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def _of(rows: Rows, persons: Iterable[int]) -> list[Sequence[Any]]:
    return [row for person in persons for row in rows.get(person, ())]
