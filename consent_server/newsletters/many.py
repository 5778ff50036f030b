"""Links for a whole mailing: people found or made together, links found or made together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..db import Insert, Sql
from ..ids import random_name
from ..problems import IdentifiersDisagree
from ..subjects import Held, Told
from ..subjects.crowd import Crowd
from .links import hash_of
from .models import LinkDirectory, UnsubscribeLink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..subjects import Identified

_FIND: Final = Sql(
    """
    SELECT l.identifier_id, l.scope, l.id FROM json_each(:identifiers) k
    CROSS JOIN unsubscribe_link l
        ON l.organisation_id = :organisation AND l.identifier_id = k.value
    """,
    """
    SELECT identifier_id, scope, id FROM unsubscribe_link
    WHERE organisation_id = :organisation AND identifier_id = ANY(:identifiers)
    """,
)
_MAKE: Final = Insert(UnsubscribeLink.__table__)
_LIST: Final = Insert(LinkDirectory.__table__)
_TOLD: Final = Told(source="unsubscribe link")


@dataclass(frozen=True)
class Wanted:
    """One link that somebody wants: for whom, and the scope it leaves."""

    given: Sequence[Identified]
    scope: str


def make_all(
    tx: Transaction,
    keys: OrganisationKeys,
    wanted: Sequence[Wanted],
    *,
    by: str | None,
    now: int,
) -> list[str | IdentifiersDisagree]:
    """Give the name of the one link for each identifier and scope, in the order asked.

    Where identifiers name two people, the refusal stands in its place. Raises the
    database's own error if somebody else has just made one of them: try again.
    """
    crowd = Crowd(tx, keys, (one for each in wanted for one in each.given), now=now)
    # In one order, so that two mailings to the same people never wait for each other.
    order = sorted(range(len(wanted)), key=lambda place: wanted[place].given[0].match)
    holders = {place: _met(crowd, wanted[place], by) for place in order}
    identifiers = sorted({held.id for held in holders.values() if isinstance(held, Held)})
    values = {"organisation": keys.organisation, "identifiers": tx.several(identifiers)}
    names = {(holder, scope): str(name) for holder, scope, name in tx.run(_FIND, values)}
    found: dict[int, str | IdentifiersDisagree] = {}
    for place in order:
        held = holders[place]
        if isinstance(held, IdentifiersDisagree):
            found[place] = held
            continue
        which = (held.id, wanted[place].scope)
        if which not in names:
            names[which] = random_name()
            _make(tx, keys.organisation, held.subject, which, names[which], now)
        found[place] = names[which]
    return [found[place] for place in range(len(wanted))]


def _met(crowd: Crowd, wanted: Wanted, by: str | None) -> Held | IdentifiersDisagree:
    try:
        return crowd.meet(wanted.given, _TOLD, key=by)
    except IdentifiersDisagree as problem:
        return problem


def _make(
    tx: Transaction,
    organisation: int,
    subject: int,
    which: tuple[int, str],
    name: str,
    now: int,
) -> None:
    row: dict[str, Any] = {
        "organisation_id": organisation,
        "id": name,
        "subject_id": subject,
        "identifier_id": which[0],
        "scope": which[1],
        "recorded_at": now,
        "kind": None,
        "hash": None,
        "key_version": None,
    }
    tx.later(_MAKE, row)
    tx.later(_LIST, {"link_hash": hash_of(name), "organisation_id": organisation})
