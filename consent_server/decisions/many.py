"""Many plain choices at once: those of a batch, written column by column.

What `plain.py` writes for one visitor, for thousands of people: what all who answer alike have
in common comes from their pattern, and only who, when and the keys are made for each of them.
"""

from __future__ import annotations

from hmac import digest
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import ledger
from ..clock import rfc3339_micros
from ..ids import new_ids, public
from ..ledger.entry import person_fields
from ..subjects.welcome import Newcomer, welcome_many
from . import standing
from .act import INSERT, SEALED_TABLE
from .ends import in_order
from .many_noes import keep_noes
from .rules import No, Row, add_no

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .pattern import Pattern

# Of a decision's columns, those that its pattern fixes.
_COMMON: Final = (
    "door", "action", "assertion", "witness", "version_id", "notice_id", "number", "language",
    "surface", "site_id", "key_id",
)  # fmt: skip
_NOBODY: Final[Mapping[int, Row]] = {}


class Chosen(NamedTuple):
    """One plain choice, judged: who made it, when, and what it makes of what there was."""

    pattern: Pattern
    kind: str
    match: str
    display: str
    # As `index` has it under the newest key.
    hash: bytes
    recorded_at: int
    decided_at: int
    given_at: int
    # The same, written out, if somebody has done so already.
    given: str = ""
    # When each of its yeses ends, and how each of its noes is named, in their order.
    expiries: tuple[int | None, ...] = ()
    named: tuple[str, ...] = ()
    client_id: str | None = None
    # Subject and identifier, and her rows for its purposes; somebody new has none.
    held: tuple[int, int] | None = None
    rows: Mapping[int, Row] = _NOBODY
    # Her rows for other purposes.
    others: Sequence[tuple[int, Row]] = ()


def write_many(
    tx: Transaction,
    keys: OrganisationKeys,
    log: str,
    chosen: Iterable[Chosen],
    journal: list[bytes],
) -> None:
    """Write plain choices of people of whom each makes one; lines of noes go to `journal`."""
    # Those of one pattern together: their records are filled from one mould.
    several = sorted(chosen, key=lambda one: id(one.pattern))
    if not several:
        return
    places = _places(tx, keys, several)
    numbers = new_ids(len(several))
    keep_noes(keys, several, numbers, journal)
    _write_decisions(tx, keys, several, numbers, places)
    _write_standing(tx, keys.organisation, several, numbers, places)
    _append(tx, keys, log, several, numbers, places)


def _places(
    tx: Transaction, keys: OrganisationKeys, several: Sequence[Chosen]
) -> list[tuple[int, int]]:
    new = [
        Newcomer(one.kind, one.match, one.display, one.hash, one.recorded_at)
        for one in several
        if one.held is None
    ]
    made = zip(*welcome_many(tx, keys, new), strict=True)
    return [one.held or next(made) for one in several]


def _write_decisions(
    tx: Transaction,
    keys: OrganisationKeys,
    several: Sequence[Chosen],
    numbers: list[int],
    places: Sequence[tuple[int, int]],
) -> None:
    recorded = [one.recorded_at for one in several]
    tx.write_columns(
        INSERT,
        {
            **_common(several),
            "organisation_id": keys.organisation,
            "id": numbers,
            "subject_id": [subject for subject, _ in places],
            "identifier_id": [identifier for _, identifier in places],
            "recorded_at": recorded,
            "decided_at": [one.decided_at for one in several],
            "received_at": recorded,
            "choices": [
                one.pattern.words(one.named).choices_until(one.expiries) for one in several
            ],
            "client_id": [one.client_id for one in several],
            "sealed": keys.seal_many(
                [one.pattern.told for one in several], SEALED_TABLE, numbers
            ),
        },
    )


def _common(several: Sequence[Chosen]) -> dict[str, Any]:
    first = several[0].pattern
    if several[-1].pattern is first:
        return {name: first.decision[name] for name in _COMMON}
    rows = [one.pattern.decision for one in several]
    return {name: _once([row[name] for row in rows]) for name in _COMMON}


def _once(values: list[Any]) -> Any:
    return values[0] if values.count(values[0]) == len(values) else values


def _write_standing(
    tx: Transaction,
    organisation: int,
    several: Sequence[Chosen],
    numbers: Sequence[int],
    places: Sequence[tuple[int, int]],
) -> None:
    for first in (True, False):
        subjects, bodies = [], []
        for one, number, place in zip(several, numbers, places, strict=True):
            if (one.held is None) == first:
                subjects.append(place[0])
                bodies.append(_whole(one, number, *place))
        standing.write_many(tx, organisation, subjects, bodies, first=first)


def _whole(one: Chosen, number: int, subject: int, identifier: int) -> standing.Whole:
    alike = one.pattern.alike if one.held is None else None
    if alike is not None and not one.named:
        body = alike.yes(identifier, number, one.given_at, one.recorded_at, one.expiries)
        return standing.Whole(body, in_order(one.expiries))
    if alike is not None and len(set(one.named)) == 1:
        return standing.Whole(alike.no(identifier, number, one.recorded_at, one.named[0]), ())
    return standing.whole([*one.others, *_rows(one, number, subject, identifier)])


def _rows(one: Chosen, number: int, subject: int, identifier: int) -> Iterator[tuple[int, Row]]:
    """Give the rows that a choice leaves for its purposes."""
    ends, names = iter(one.expiries), iter(one.named)
    for purpose, yes, _ in one.pattern.answers:
        if yes:
            enough = bool(one.pattern.enough_of[purpose])
            said = one.pattern.yes(
                number, one.given_at, one.recorded_at, next(ends), enough=enough
            )
            yield purpose, Row(subject=subject, identifier=identifier, yes=said)
        else:
            row = one.rows.get(purpose) or Row(subject=subject, identifier=identifier)
            no = No(decision=number, recorded_at=one.recorded_at, state=next(names))
            yield purpose, add_no(row, no)


def _append(
    tx: Transaction,
    keys: OrganisationKeys,
    log: str,
    several: Sequence[Chosen],
    numbers: Sequence[int],
    places: Sequence[tuple[int, int]],
) -> None:
    own = ledger.drawn(len(several))
    decisions = [public("dec", number) for number in numbers]
    texts: list[tuple[bytes, str]] = []
    for _, group in groupby(range(len(several)), lambda place: several[place].pattern):
        places_of = list(group)
        first, until = places_of[0], places_of[-1] + 1
        texts += _records(several[first:until], decisions[first:until], own[first:until])
    ledger.append_many(
        tx,
        keys,
        log,
        "decision",
        ledger.Many(
            ids=numbers,
            texts=texts,
            openings=[(one.kind, key) for one, key in zip(several, own, strict=True)],
            recorded_at=[one.recorded_at for one in several],
            announcements=[
                one.pattern.words(one.named).announced_of(public("sub", subject), decision)
                for one, (subject, _), decision in zip(several, places, decisions, strict=True)
            ],
            announced=[len(one.pattern.answers) for one in several],
        ),
    )


def _records(
    alike: Sequence[Chosen], decisions: Sequence[str], keys: Sequence[bytes]
) -> list[tuple[bytes, str]]:
    """Fill the mould of a pattern for all who answered alike."""
    pattern = alike[0].pattern
    tags = [
        person_fields(key, one.kind, one.match) for one, key in zip(alike, keys, strict=True)
    ]
    # Nearly always one for all of them.
    moments = {each: rfc3339_micros(each) for each in {one.recorded_at for one in alike}}
    holes = {
        "id": decisions,
        "recorded_at": [moments[one.recorded_at] for one in alike],
        "decided_at": [one.given or rfc3339_micros(one.given_at) for one in alike],
        "person": [tag["person"] for tag in tags],
        "person_key": [tag["person_key"] for tag in tags],
    }
    for name, text in pattern.hashed:
        holes[name] = [digest(key, text, "sha256").hex() for key in keys]
    rows = zip(*(holes[name] for name in pattern.mould.order), strict=True)
    return pattern.mould.fill_many(list(rows))
