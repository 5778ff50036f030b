"""Plain choices: what most visitors do, written from what their pattern has ready.

A choice is plain if its visitor is new or linked to nobody, and whatever it meets leaves no
question to the rules: a yes comes after every no and yes there was, a no meets no yes. The
rules (rules.py) would make the same of it; a property test has both write it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import ledger
from ..clock import rfc3339_micros
from ..ids import new_id, public
from ..ledger.entry import SALT_BYTES, person_fields
from ..subjects import welcome
from . import standing
from .act import INSERT, SEALED_TABLE
from .choosing import ends, latest
from .ends import in_order
from .receipts import receipt_name
from .record import CLOCK_SLACK
from .rules import No, Row
from .values import Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from ..subjects import Identified
    from .meet import Met
    from .pattern import Pattern

_SLACK: Final = CLOCK_SLACK // CLOCK_SLACK.resolution


class Setting(NamedTuple):
    """What all who are served at one moment share."""

    configuration: Configuration
    receipt_key: bytes
    log: str
    now: datetime
    moment: int


class Plain(NamedTuple):
    """A plain choice, judged."""

    # (subject, identifier); None for somebody new.
    held: tuple[int, int] | None
    recorded_at: int
    decided_at: int
    given_at: int
    previous: int | None
    # The rows there are for its purposes, and her others.
    rows: Mapping[int, Row]
    others: Sequence[tuple[int, Row]]
    # When each of its yeses ends, in their order.
    expiries: tuple[int | None, ...]


def judge(
    pattern: Pattern, known: Met, decided_at: int, previous: str | None, now: int
) -> Plain | None:
    """Judge a choice; None if it is for the rules to judge."""
    met = _met(pattern, known)
    if met is None or not pattern.plain or decided_at > now + _SLACK:
        return None
    held, rows, others, last = met
    # Later than anything recorded of this person, even if the clock stepped back.
    recorded_at = max(now, last + 1)
    given_at = min(decided_at, recorded_at)
    step = known.previous if previous else None
    # What it follows must be known, and must need no name for a yes to outlive it.
    if previous and (step is None or step.recorded_at >= given_at):
        return None
    expiries: list[int | None] = []
    for purpose, yes, validity in pattern.answers:
        row = rows.get(purpose)
        if row is not None and not _leaves_no_question(row, given_at, yes=yes):
            return None
        if yes:
            until = ends(given_at, validity) if validity else None
            if until is not None and until <= recorded_at:
                return None
            expiries.append(until)
    follows = step.id if step else None
    ending = tuple(expiries)
    return Plain(held, recorded_at, decided_at, given_at, follows, rows, others, ending)


def _met(
    pattern: Pattern, known: Met
) -> tuple[tuple[int, int] | None, dict[int, Row], list[tuple[int, Row]], int] | None:
    """Tell who she is, her rows for the purposes chosen and her others, and the last time."""
    if not known.holding:
        return None, {}, [], 0
    if len(known.holding) > 1 or known.rows is None:
        return None
    identifier, subject, shared, *_ = known.holding[0]
    held = (subject, identifier)
    parted = standing.part(known.rows, held, {purpose for purpose, *_ in pattern.answers})
    if parted is None or shared:
        return None
    return held, *parted, latest(known.rows)


def _leaves_no_question(row: Row, given_at: int, *, yes: bool) -> bool:
    if not yes:
        return row.yes is None
    after_no = row.no is None or row.no.recorded_at < given_at
    return after_no and (row.yes is None or row.yes.given_at < given_at)


def write_plain(
    tx: Transaction,
    keys: OrganisationKeys,
    setting: Setting,
    pattern: Pattern,
    plain: Plain,
    visitor: Identified,
    own: Mapping[str, Any],
) -> Written:
    """Write a plain choice; `own` are the columns that only its visitor has."""
    if plain.held is None:
        new = welcome(tx, keys, visitor, now=setting.moment)
        subject, identifier = new.subject, new.id
    else:
        subject, identifier = plain.held
    number = new_id()
    tx.later(
        INSERT,
        {
            **pattern.decision,
            **own,
            "id": number,
            "subject_id": subject,
            "identifier_id": identifier,
            "recorded_at": plain.recorded_at,
            "decided_at": plain.decided_at,
            "received_at": plain.recorded_at,
            "choices": pattern.choices(plain.expiries),
            "previous_id": plain.previous,
            "sealed": keys.seal(pattern.told, SEALED_TABLE, number),
        },
    )
    _write_standing(tx, pattern, plain, (subject, identifier, number))
    _append(tx, keys, setting, pattern, plain, visitor, (subject, number))
    return Written(
        id=number,
        subject=subject,
        receipt=receipt_name(setting.receipt_key, keys.organisation, number),
        recorded_at=plain.recorded_at,
        standing=pattern.states,
    )


def _write_standing(
    tx: Transaction, pattern: Pattern, plain: Plain, ids: tuple[int, int, int]
) -> None:
    first = plain.held is None
    stood = _whole(pattern, plain, ids)
    standing.write(tx, pattern.organisation, ids[0], stood, first=first)


def _whole(pattern: Pattern, plain: Plain, ids: tuple[int, int, int]) -> standing.Whole:
    subject, identifier, number = ids
    alike = pattern.alike if plain.held is None else None
    if alike is not None and plain.expiries:
        body = alike.yes(identifier, number, plain.given_at, plain.recorded_at, plain.expiries)
        return standing.Whole(body, in_order(plain.expiries))
    if alike is not None:
        return standing.Whole(alike.no(identifier, number, plain.recorded_at, "refused"), ())
    no = No(decision=number, recorded_at=plain.recorded_at, state="refused")
    expiries = iter(plain.expiries)
    rows: list[tuple[int, Row]] = []
    for purpose, yes, _ in pattern.answers:
        if not yes:
            rows.append((purpose, Row(subject=subject, identifier=identifier, no=no)))
            continue
        before = plain.rows.get(purpose)
        said = pattern.yes(number, plain.given_at, plain.recorded_at, next(expiries))
        kept = before.no if before is not None else None
        row = Row(subject=subject, identifier=identifier, yes=said, no=kept)
        rows.append((purpose, row))
    return standing.whole([*plain.others, *rows])


def _append(
    tx: Transaction,
    keys: OrganisationKeys,
    setting: Setting,
    pattern: Pattern,
    plain: Plain,
    visitor: Identified,
    ids: tuple[int, int],
) -> None:
    subject, number = ids
    key = secrets.token_bytes(SALT_BYTES)
    decision = public("dec", number)
    holes = {
        "id": decision,
        "recorded_at": rfc3339_micros(plain.recorded_at),
        "decided_at": rfc3339_micros(plain.given_at),
        **person_fields(key, visitor.kind, visitor.match),
    }
    mould = pattern.mould
    if plain.previous is not None:
        holes["previous"] = public("dec", plain.previous)
        mould = pattern.following_mould
    ledger.append_text(
        tx,
        organisation=keys.organisation,
        log=setting.log,
        record_id=number,
        kind=mould.kind,
        text=mould.fill(holes),
        recorded_at=plain.recorded_at,
        keys=keys,
        opening=ledger.Opening(visitor.kind, key),
        announcements=pattern.announcements(public("sub", subject), decision),
        announced=len(pattern.answers),
    )
