"""Who is meant: finds, or makes, the subject that a set of identifiers names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ..db import Insert, Sql, Transaction
from ..ids import new_id
from ..problems import FieldError, IdentifiersDisagree
from .identifiers import CROSSED
from .models import CrossedHash, Identifier, Subject
from .touched import touch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Asked
    from ..keyring import OrganisationKeys
    from .identifiers import Identified

_FIND: Final = Sql(
    """
    SELECT i.id, i.subject_id, i.shared, s.person_id, i.kind, i.verified_at
    FROM identifier i
    JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE i.organisation_id = :organisation AND i.kind = :kind AND i.hash = :hash
      AND i.closed_at IS NULL
    """
)
_ALONE: Final = Sql(
    """
    SELECT 1 FROM identifier
    WHERE organisation_id = :organisation AND subject_id = :subject AND closed_at IS NULL
      AND shared = 0
    """
)
NEW_SUBJECT: Final = Insert(Subject.__table__)
# Before the facts of the same subject, which take back what it claims.
NEW_IDENTIFIER: Final = Insert(Identifier.__table__, first=True)
NEW_CROSSED: Final = Insert(CrossedHash.__table__)
_SHARE: Final = Sql(
    "UPDATE identifier SET shared = 1 WHERE organisation_id = :organisation AND id = :id"
)


@dataclass(frozen=True)
class Held:
    """An identifier as a subject holds it."""

    id: int
    subject: int
    person: int
    shared: bool
    given: Identified


@dataclass(frozen=True)
class Resolved:
    """The subject meant, and its identifiers among those given, in the order given."""

    subject: int
    person: int
    identifiers: tuple[Held, ...]
    created: bool
    # Those of the identifiers that nobody had, by id.
    added: tuple[int, ...] = ()


def asking(keys: OrganisationKeys, given: Identified) -> list[Asked]:
    """Say what to ask the database to learn who holds an identifier."""
    return [
        (
            _FIND,
            {
                "organisation": keys.organisation,
                "kind": given.kind,
                "hash": keys.index(given.kind, given.match, version),
            },
        )
        for version in sorted(keys.index_keys, reverse=True)
    ]


def holders(given: Identified, answers: Sequence[Sequence[Any]]) -> list[Held]:
    """Read who holds an identifier: at most one, or several when it is shared."""
    return [
        Held(row[0], row[1], row[3], bool(row[2]), given) for rows in answers for row in rows
    ]


def find(
    tx: Transaction, keys: OrganisationKeys, given: Identified, organisation: int
) -> list[Held]:
    """Find who holds an identifier: at most one, or several when it is shared."""
    return holders(given, [tx.run(*each) for each in asking(keys, given)])


def resolve(
    tx: Transaction,
    keys: OrganisationKeys,
    given: Sequence[Identified],
    *,
    organisation: int,
    now: int,
    held: Sequence[list[Held]] | None = None,
    facts: bool = False,
) -> Resolved:
    """Find or make the subject; raises `IdentifiersDisagree` when they name two people.

    `held`, when the caller has just asked: who holds each of those given. `facts`: some of
    whoever is meant are written next, so that somebody new is not taken for bare first.
    """
    if held is None:
        held = [find(tx, keys, one, organisation) for one in given]
    chosen = choose(tx, given, held, organisation)
    subject = chosen.subject if chosen else _new_subject(tx, organisation, now)
    person = chosen.person if chosen else subject
    bare = chosen is None and len(given) == 1 and not facts
    keep = _Keeper(tx, keys, organisation, subject, person, now, bare=bare)
    identifiers = tuple(keep.hold(one, held[index]) for index, one in enumerate(given))
    return Resolved(subject, person, identifiers, chosen is None, tuple(keep.added))


def choose(
    tx: Transaction,
    given: Sequence[Identified],
    held: Sequence[list[Held]],
    organisation: int,
) -> Held | None:
    """Choose who is meant among the holders; raises `IdentifiersDisagree` when it is two."""
    firm = [
        each
        for index, several in enumerate(held)
        for each in several
        if not each.shared and not given[index].shared
    ]
    if len({each.person for each in firm}) > 1:
        raise IdentifiersDisagree(
            "the identifiers belong to people who are not linked",
            errors=[FieldError("/subject", "name one person, or link the two first")],
        )
    return firm[0] if firm else _alone(tx, held, organisation)


def welcome(tx: Transaction, keys: OrganisationKeys, given: Identified, *, now: int) -> Held:
    """Make the subject of an identifier that nobody holds, as `resolve` would."""
    subject = _new_subject(tx, keys.organisation, now)
    keep = _Keeper(tx, keys, keys.organisation, subject, subject, now, bare=True)
    return keep.hold(given, [])


def _new_subject(tx: Transaction, organisation: int, now: int) -> int:
    number = new_id()
    row = {"id": number, "person_id": number, "recorded_at": now}
    tx.later(NEW_SUBJECT, {"organisation_id": organisation, **row})
    return number


def _alone(tx: Transaction, held: Sequence[list[Held]], organisation: int) -> Held | None:
    # A shared identifier by itself names none of the people who share it: what is said
    # through it alone binds only it, so it keeps a subject of its own (design.md §6).
    if len(held) != 1:
        return None
    for each in held[0]:
        if not each.shared:
            return each
        if not tx.run(_ALONE, {"organisation": organisation, "subject": each.subject}):
            return each
    return None


@dataclass(frozen=True)
class _Keeper:
    tx: Transaction
    keys: OrganisationKeys
    organisation: int
    subject: int
    person: int
    now: int
    # The subject is made here, with one identifier and no fact.
    bare: bool
    added: list[int] = field(default_factory=list)

    def hold(self, given: Identified, held: list[Held]) -> Held:
        for each in held:
            if each.subject == self.subject or (not each.shared and not given.shared):
                return self._share(each) if given.shared and not each.shared else each
        shared = given.shared or bool(held)
        for each in held:
            self._share(each)
        return self._insert(given, shared=shared)

    def _share(self, held: Held) -> Held:
        if not held.shared:
            self.tx.run(_SHARE, {"organisation": self.organisation, "id": held.id})
            touch(self.tx, self.organisation, [held.subject])
        return replace(held, shared=True)

    def _insert(self, given: Identified, *, shared: bool) -> Held:
        number = new_id()
        self.added.append(number)
        self.tx.later(
            NEW_IDENTIFIER,
            {
                "organisation_id": self.organisation,
                "id": number,
                "subject_id": self.subject,
                "kind": given.kind,
                "hash": self.keys.index(given.kind, given.match),
                "key_version": self.keys.index_version,
                "sealed": self.keys.seal(given.display.encode(), "identifier", number),
                "shared": int(shared),
                "verified_at": None,
                "recorded_at": self.now,
                "closed_at": None,
                "bare": int(self.bare),
            },
        )
        for plain in given.crossed:
            hashed = self.keys.index(CROSSED, plain)
            place = {"organisation_id": self.organisation, "hash": hashed}
            self.tx.later(NEW_CROSSED, {**place, "identifier_id": number})
        return Held(number, self.subject, self.person, shared, given)
