"""A past moment: the same rules, over the facts that were recorded by then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, Transaction, as_json
from ..decisions import history
from ..decisions.rules import No, Row, Said, fold
from ..subjects import same_person
from ..subjects.identifiers import CROSSED
from .gather import Gathered, compose, read_facts
from .hot import DEVICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..notices.values import Purpose

_DAY: Final = 86_400_000_000
_HELD: Final = """
    SELECT id, subject_id, shared, hash FROM identifier
    WHERE organisation_id = :organisation AND hash = :hash AND kind = :kind
      AND recorded_at <= :at AND (closed_at IS NULL OR closed_at > :at)
"""
_HOLDERS: Final = Sql(_HELD)
_CROSSED_HOLDERS: Final = Sql(
    """
    SELECT i.id, i.subject_id, i.shared, i.hash FROM identifier i
    JOIN crossed_hash c ON c.organisation_id = i.organisation_id AND c.identifier_id = i.id
    WHERE i.organisation_id = :organisation AND c.hash = :hash AND :kind = :kind
      AND i.recorded_at <= :at AND (i.closed_at IS NULL OR i.closed_at > :at)
    """
)
# A contact is closed by a later one, which is no news of the day that is asked about.
# What the person chose of when and how often held on its days, whenever we look at them.
_FACTS: Final = Sql(
    """
    SELECT kind, body, since, until, informed_at, recorded_at FROM subject_fact
    WHERE organisation_id = :organisation AND subject_id = :subject AND recorded_at <= :at
      AND CASE WHEN kind IN ('pause', 'cap')
        THEN recorded_at <= :day AND (closed_at IS NULL OR closed_at > :day)
        ELSE closed_at IS NULL OR closed_at > :at OR kind IN ('contact', 'attempt') END
    """
)
# What happened on a day, and is true of no earlier one, whenever we learnt of it.
_HAPPENED: Final = frozenset({"contact", "attempt", "restriction", "deceased"})
# A suppression states no time of its own: it is true from when it was recorded.
_SUPPRESSIONS: Final = Sql(
    """
    SELECT scope, reason, lifted FROM suppression
    WHERE organisation_id = :organisation AND hash = :hash AND recorded_at <= :day
      AND (closed_at IS NULL OR closed_at > :day)
    """
)
# Whose address is remembered as that of somebody erased: nothing is left of any day before.
_ERASED: Final = Sql(
    """
    SELECT 1 FROM suppression WHERE organisation_id = :organisation AND hash = :hash
      AND reason = 'erased' AND closed_at IS NULL
    """
)
_VAULTED: Final = Sql(
    "SELECT ends_at FROM vaulted_hash WHERE organisation_id = :organisation AND hash = :hash"
)
_FOR_EVER: Final = (1 << 63) - 1
# Erased meanwhile, or never known: what is suppressed is found by its crossed forms.
_SUPPRESSED: Final = Sql(
    "SELECT suppressed FROM suppressed_hash"
    " WHERE organisation_id = :organisation AND hash = :hash"
)
# What stops one identifier of a person stops the others, or only itself, as now (gather.py).
_SUPPRESSIONS_OF: Final = Sql(
    """
    SELECT scope, reason, lifted FROM suppression
    WHERE organisation_id = :organisation AND recorded_at <= :day
      AND (closed_at IS NULL OR closed_at > :day)
      AND hash IN (SELECT hash FROM identifier
        WHERE organisation_id = :organisation AND subject_id = :subject
          AND recorded_at <= :at AND (closed_at IS NULL OR closed_at > :at) AND shared = 0)
      AND reason <> 'bounced'
    """
)

_ACCOUNT: Final = Sql(
    """
    SELECT id FROM identifier
    WHERE organisation_id = :organisation AND subject_id = :subject AND recorded_at <= :at
      AND (closed_at IS NULL OR closed_at > :at) AND shared = 0 AND kind <> 'visitor'
    """
)


def gather_past(
    tx: Transaction,
    organisation: int,
    kind: str,
    hashes: Sequence[bytes],
    purposes: Sequence[Purpose],
    *,
    at: int,
    as_known: int | None = None,
) -> Gathered:
    """Gather what was known at a moment; with `as_known`, what is known now of that moment."""
    horizon = at if as_known is None else as_known
    values = {"organisation": organisation, "kind": kind, "at": horizon, "day": at}
    holders = _CROSSED_HOLDERS if kind == CROSSED else _HOLDERS
    held = [row for each in hashes for row in tx.run(holders, {**values, "hash": each})]
    subjects = {
        subject for row in held for subject in same_person(tx, organisation, row[1], at=horizon)
    }
    facts = [
        row
        for subject in sorted(subjects)
        for row in tx.run(_FACTS, {**values, "subject": subject})
        if row[0] not in _HAPPENED or (row[2] or row[5]) <= at
    ]
    asked = {*hashes, *(bytes(row[3]) for row in held)}
    if kind == CROSSED:
        crossed = [tx.run(_SUPPRESSED, {**values, "hash": each}) for each in hashes]
        asked |= {bytes(found) for rows in crossed for (found,) in rows}
    suppressions = [
        row for each in asked for row in tx.run(_SUPPRESSIONS, {**values, "hash": each})
    ]
    suppressions += [
        row
        for subject in sorted(subjects)
        for row in tx.run(_SUPPRESSIONS_OF, {**values, "subject": subject})
    ]
    kinds = {purpose.id: purpose.kind for purpose in purposes}
    rows: dict[int, list[Row]] = {purpose: [] for purpose in kinds}
    for subject in sorted(subjects):
        told = history.of_subject(tx, organisation, subject, at=horizon)
        for purpose, kind_of in kinds.items():
            said = told.get(purpose, [])
            if as_known is not None:
                said = _as_it_was(said, at)
            rows[purpose].extend(fold(said, alone=kind_of == "tracker").values())

    def rows_of(purpose: int) -> Sequence[Row]:
        return rows.get(purpose, ())

    known = read_facts(facts, [_as_then(each, at) for each in suppressions])
    if not subjects:
        known["erased_until"] = _erased_until(tx, organisation, hashes, asked)
    account = [
        number
        for subject in subjects
        if kind == DEVICE
        for (number,) in tx.run(_ACCOUNT, {**values, "subject": subject})
    ]
    return compose(0, held, rows_of, known, account)


def _erased_until(
    tx: Transaction, organisation: int, hashes: Sequence[bytes], suppressed: Iterable[bytes]
) -> int:
    """Tell until when an erasure is remembered, by a suppression or by the vault."""
    values = {"organisation": organisation}
    if any(tx.run(_ERASED, {**values, "hash": each}) for each in suppressed):
        return _FOR_EVER
    found = [row for each in hashes for row in tx.run(_VAULTED, {**values, "hash": each})]
    return max((until for (until,) in found), default=0)


def _as_then(suppression: Sequence[Any], at: int) -> tuple[Any, ...]:
    """Put a suppression back to what had been lifted of it by then."""
    scope, reason, lifted = suppression
    then = {each: since for each, since in as_json(lifted).items() if since <= at}
    return scope, reason, then


def _as_it_was(said: Sequence[Said], at: int) -> list[Said]:
    """Put each answer at the time it was given, when that time can be relied on.

    A stated time counts if there is evidence, or if we heard of it within a day.
    """
    placed = [(_moment(each), each) for each in said]
    return [
        _acting_since(each, moment)
        for moment, each in sorted(placed, key=lambda one: one[0])
        if moment <= at
    ]


def _moment(said: Said) -> int:
    if said.answer is None or said.stated_at is None:
        return said.recorded_at
    reliable = said.evidenced or said.recorded_at - said.stated_at <= _DAY
    return said.stated_at if reliable else said.recorded_at


def _acting_since(said: Said, moment: int) -> Said:
    # What it undoes stays what it undoes today: a letter entered late also stops a yes that
    # was given meanwhile. It only begins to act earlier.
    if isinstance(said.answer, No):
        return replace(said, answer=replace(said.answer, since=moment))
    return said
