"""Lifting: a later, verified yes of the person opens the purposes it names, and only those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import ledger
from ..clock import rfc3339_micros
from ..db import Sql, as_json, to_json
from ..ids import new_id, public
from .holdings import holdings, subjects_of
from .rules import PURPOSE, covers
from .suppress import scope_said, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose
    from .resolve import Resolved

_OPEN: Final = Sql(
    """
    SELECT id, scope, lifted, recorded_at FROM suppression
    WHERE organisation_id = :organisation AND hash = :hash AND closed_at IS NULL
    """
)
_LIFT: Final = Sql(
    "UPDATE suppression SET lifted = :lifted, closed_at = :closed"
    " WHERE organisation_id = :organisation AND id = :id"
)


class Verified(NamedTuple):
    """A yes that we saw the person give, by a link of hers or a log-in: its decision."""

    decision: int
    subject: int
    given_at: int
    recorded_at: int


class _Open(NamedTuple):
    id: int
    scope: str
    lifted: dict[str, int]
    recorded_at: int


def lift(
    tx: Transaction,
    keys: OrganisationKeys,
    configuration: Configuration,
    who: Resolved,
    purposes: Sequence[Purpose],
    yes: Verified,
    *,
    log: str,
) -> int:
    """Lift what stops these purposes for a person; gives how many suppressions it touched.

    One that was made after the yes was given stays as it is.
    """
    touched = 0
    for each in _of_person(tx, keys, who):
        opened = [
            purpose
            for purpose in purposes
            if covers(each.scope, purpose) and str(purpose.id) not in each.lifted
        ]
        if not opened or each.recorded_at >= yes.given_at:
            continue
        lifted = each.lifted | {str(one.id): yes.recorded_at for one in opened}
        values = {
            "organisation": keys.organisation,
            "id": each.id,
            "lifted": to_json(lifted),
            # Nothing is left of one that named only this purpose.
            "closed": yes.recorded_at if each.scope.startswith(PURPOSE) else None,
        }
        tx.run(_LIFT, values)
        _prove(tx, keys, configuration, each, opened, yes, log)
        touched += 1
    return touched


def _of_person(tx: Transaction, keys: OrganisationKeys, who: Resolved) -> Iterator[_Open]:
    through = {held.id: held for held in who.identifiers}
    subjects = subjects_of(tx, keys.organisation, who.person) or [who.subject]
    own = [held for held in holdings(tx, keys, subjects) if not held.shared]
    every = {**{held.id: held for held in own}, **through}
    seen: set[int] = set()
    for held in every.values():
        for hashed in target_of(keys, held).hashes:
            values = {"organisation": keys.organisation, "hash": hashed}
            for number, scope, lifted, recorded_at in tx.run(_OPEN, values):
                if number not in seen:
                    seen.add(number)
                    yield _Open(number, scope, dict(as_json(lifted)), recorded_at)


def _prove(
    tx: Transaction,
    keys: OrganisationKeys,
    configuration: Configuration,
    each: _Open,
    opened: Sequence[Purpose],
    yes: Verified,
    log: str,
) -> None:
    said = scope_said(each.scope, configuration)
    decision = public("dec", yes.decision)
    events: list[dict[str, Any]] = [
        {
            "type": "suppression.lifted",
            "subject": public("sub", yes.subject),
            "purpose": purpose.slug,
            "channel": purpose.channel,
            "scope": said,
            "decision": decision,
        }
        for purpose in opened
    ]
    ledger.append(
        tx,
        organisation=keys.organisation,
        log=log,
        record_id=new_id(),
        kind="suppression",
        record={
            "v": 1,
            "kind": "suppression",
            "organisation": public("org", keys.organisation),
            "id": public("sup", each.id),
            "recorded_at": rfc3339_micros(yes.recorded_at),
            "event": "suppression.lifted",
            "scope": said,
            "purposes": [purpose.slug for purpose in opened],
            "decision": decision,
        },
        recorded_at=yes.recorded_at,
        keys=keys,
        announcements=events,
    )
