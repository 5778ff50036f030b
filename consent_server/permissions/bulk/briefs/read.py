"""Reading: many briefs by one statement, sorted by whether they may be used at this moment."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ....db import Sql
from ....organisations.document.vocabulary import CALLS
from .shape import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ....db import Transaction
    from ....notices.values import Purpose
    from ...values import Setting

    # What tells answers apart: the shape, and whether the yes has ended by itself.
    Class = tuple[int, bool]

_READ: Final = Sql(
    """
    SELECT b.key, b.rest, b.subject_id, b.shape, b.tail, b.expires_at, b.since, b.until
    FROM json_each(:several) k
    CROSS JOIN brief b ON b.organisation_id = :organisation AND b.purpose_id = :purpose
        AND b.key = k.value
    """,
    """
    SELECT key, rest, subject_id, shape, tail, expires_at, since, until FROM brief
    WHERE organisation_id = :organisation AND purpose_id = :purpose AND key = ANY(:several)
    """,
)


# CROSS JOIN is SQLite's word for "from the asked ones outwards, as written".
_CROSSED: Final = Sql(
    """
    SELECT c.hash, i.hash FROM json_each(:several) k
    CROSS JOIN crossed_hash c ON c.organisation_id = :organisation AND c.hash = unhex(k.value)
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.id = c.identifier_id
        AND i.closed_at IS NULL
    """,
    """
    SELECT c.hash, i.hash FROM crossed_hash c
    JOIN identifier i ON i.organisation_id = c.organisation_id AND i.id = c.identifier_id
        AND i.closed_at IS NULL
    WHERE c.organisation_id = :organisation AND c.hash = ANY(:several)
    """,
)
_SUPPRESSED: Final = Sql(
    """
    SELECT c.hash FROM json_each(:several) k
    CROSS JOIN suppressed_hash c ON c.organisation_id = :organisation
        AND c.hash = unhex(k.value)
    """,
    """
    SELECT hash FROM suppressed_hash
    WHERE organisation_id = :organisation AND hash = ANY(:several)
    """,
)


class Sorted(NamedTuple):
    """Those of a batch who have a brief, by class; everybody else is left."""

    # By class: places in the batch, and each one's own columns.
    alike: Mapping[Class, list[tuple[int, str]]]
    left: list[int]


def may_read(purpose: Purpose | None, setting: Setting) -> bool:
    """Tell whether a purpose is one that briefs answer.

    Hours and frequency depend on the moment, calls on the number's country too, trackers on
    the device alone: those are for the facts.
    """
    if purpose is None or purpose.kind == "tracker" or purpose.channel in CALLS:
        return False
    return purpose.channel not in setting.bounds


def sort(
    tx: Transaction,
    organisation: int,
    purpose: int,
    asked: Mapping[int, Sequence[bytes]],
    *,
    old: Collection[int],
    now: int,
) -> Sorted:
    """Sort those asked, given by place and keyed hash, by what their briefs say."""
    wanted = {place: key_of(hashes[0]) for place, hashes in asked.items()}
    found = _read(tx, organisation, purpose, {key for key, _ in wanted.values()})
    missing = {key for key, _ in wanted.values()}.difference(found)
    if missing and purpose:
        found.update(_read(tx, organisation, 0, missing))
    alike: dict[Class, list[tuple[int, str]]] = defaultdict(list)
    left: list[int] = []
    for place, (key, rest) in wanted.items():
        row = found.get(key)
        if row is None or row[1] != rest or row[2] in old:
            left.append(place)
            continue
        _, _, _, shape, tail, ends, since, until = row
        if (since is not None and since > now) or (until is not None and until <= now):
            left.append(place)
            continue
        alike[shape, ends is not None and ends <= now].append((place, tail))
    return Sorted(alike, left)


def identifiers_of(
    tx: Transaction, organisation: int, asked: Mapping[int, Sequence[bytes]]
) -> dict[int, Sequence[bytes]]:
    """Give, of SHA-256 forms by place, the keyed hash of the one identifier that has it.

    Left out is whoever is not known, shares the form, or has one that was ever suppressed:
    of everybody else the facts are those of the identifier itself.
    """
    several = tx.several(sorted({hashes[0] for hashes in asked.values()}))
    values = {"organisation": organisation, "several": several}
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for crossed, own in tx.run(_CROSSED, values):
        found[bytes(crossed)].append(bytes(own))
    stopped = {bytes(row[0]) for row in tx.run(_SUPPRESSED, values)}
    return {
        place: own
        for place, hashes in asked.items()
        if len(own := found.get(hashes[0], ())) == 1 and hashes[0] not in stopped
    }


def _read(
    tx: Transaction, organisation: int, purpose: int, keys: Iterable[int]
) -> dict[int, Sequence[Any]]:
    # Sorted, so that the tree is walked once from its beginning to its end.
    several = tx.several(sorted(keys))
    values = {"organisation": organisation, "purpose": purpose, "several": several}
    return {row[0]: row for row in tx.run(_READ, values)}
