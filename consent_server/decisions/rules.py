"""What a yes and a no do: the fold of design.md §6. Pure.

A no acts, for the purposes it names, on every identifier of the person, from the moment
it is recorded. A yes opens only the identifiers it was made through. A yes outlives a no
only if it names that no, or was given after the no was recorded, and only if it is known
well enough: seen by us, or with evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WITNESSED: Final = "witnessed"
WITNESSED_BY_KEY: Final = "witnessed_by_key"
EVIDENCED: Final = "evidenced"
ASSERTED: Final = "asserted"
# How well a yes is known; a purpose says which is enough.
STRENGTH: Final[Mapping[str, int]] = {
    ASSERTED: 0,
    EVIDENCED: 1,
    WITNESSED_BY_KEY: 2,
    WITNESSED: 2,
}
# Over an earlier no, a key holder's own word does not do (design.md §3, assertion).
_OVER_A_NO: Final = frozenset({WITNESSED, EVIDENCED})
# What somebody said whom nobody knows, for the person to confirm (design.md §5, promise 5).
CLAIMED: Final = "claimed"
# The states of somebody who has said no.
NOES: Final = frozenset({"refused", "withdrawn", "objected"})
# Presses that follow each other so closely are one (microseconds).
_ONE_PRESS: Final = 3_600_000_000
# The states of somebody who has not answered.
UNSAID: Final = frozenset({"never_asked", "unconfirmed"})
# The rules for a signed-in person with several devices (organisation file).
LAST_CHOICE: Final = "last_choice"
ACCOUNT_CHOICE: Final = "account_choice"


@dataclass(frozen=True, kw_only=True)
class Yes:
    """A yes that was recorded. Times are microseconds."""

    decision: int
    given_at: int
    recorded_at: int
    assertion: str
    # Well enough known for its purpose when it was recorded.
    enough: bool = True
    expires_at: int | None = None
    notice: int | None = None
    number: int | None = None
    version: int | None = None
    # The noes it names as previous, itself or through what it follows.
    names: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class No:
    """A no that was recorded, and the state it made."""

    decision: int
    recorded_at: int
    state: str
    # From when it acts, where that is not when it was recorded: a past seen from today.
    since: int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """What stands for one subject, identifier and purpose."""

    subject: int
    identifier: int
    yes: Yes | None = None
    no: No | None = None


@dataclass(frozen=True, kw_only=True)
class Said:
    """One choice of one decision, about one purpose, as the history tells it."""

    subject: int
    identifiers: tuple[int, ...]
    recorded_at: int
    # None: a claim that nobody has confirmed yet.
    answer: Yes | No | None
    # When it was said, as far as anybody states it, and whether a document says so.
    stated_at: int | None = None
    evidenced: bool = False


def outlives(yes: Yes, no: No) -> bool:
    """Tell whether a yes still counts in spite of a no."""
    knew = no.decision in yes.names or yes.given_at > no.recorded_at
    return knew and yes.assertion in _OVER_A_NO


def contradicted(yes: Yes, noes: Iterable[No]) -> bool:
    """Tell whether a yes was given before a no it does not name: 409 `later_no`."""
    return any(no.decision not in yes.names and yes.given_at <= no.recorded_at for no in noes)


def acting(rows: Iterable[Row], identifiers: frozenset[int], *, alone: bool) -> list[No]:
    """Gather the noes that act on these identifiers.

    `alone`: tracker choices and shared identifiers answer only for themselves.
    """
    return [
        row.no
        for row in rows
        if row.no is not None and (not alone or row.identifier in identifiers)
    ]


def add_yes(row: Row, yes: Yes, noes: Sequence[No]) -> Row:
    """Let a yes into a row, if it counts there; the arrival order of yeses is no matter."""
    if not all(outlives(yes, no) for no in noes):
        return row
    held = row.yes
    if held is not None and all(outlives(held, no) for no in noes) and _rank(held) > _rank(yes):
        return row
    return Row(subject=row.subject, identifier=row.identifier, yes=yes, no=row.no)


def _rank(yes: Yes) -> tuple[bool, int, int, int]:
    # A total order over what the yes itself says, never over when it reached us.
    return yes.enough, yes.given_at, STRENGTH[yes.assertion], yes.decision


def add_no(row: Row, no: No) -> Row:
    """Let a no into a row; the latest recorded is the one that stands."""
    if row.no is not None and (row.no.recorded_at, row.no.decision) > (
        no.recorded_at,
        no.decision,
    ):
        return row
    return Row(subject=row.subject, identifier=row.identifier, yes=row.yes, no=no)


def name_the_no(basis: str, *, granted: bool, repeats: str = "") -> str:
    """Name a no by the law's word: doors only say yes or no.

    `repeats` is the name of the no that stands, where this one only says it again.
    """
    if basis != "consent":
        return "objected"
    if repeats in NOES:
        return repeats
    return "withdrawn" if granted else "refused"


def said_already(stood: Stands, now: int) -> bool:
    """Tell whether a press of a leaving button is the one that made the no which stands.

    Mailboxes send it twice and people press twice. Later it is a no of its own: a yes that a
    letter dates in between must not count.
    """
    no = stood.no
    return stood.state in NOES and no is not None and now - no.recorded_at < _ONE_PRESS


@dataclass(frozen=True, kw_only=True)
class Stands:
    """The person's standing for one identifier, before expiry, floor and assertion."""

    state: str
    yes: Yes | None = None
    no: No | None = None


def stands(rows: Sequence[Row], identifiers: frozenset[int], *, alone: bool) -> Stands:
    """Combine a person's rows into the standing of the identifiers asked."""
    noes = acting(rows, identifiers, alone=alone)
    mine = [row for row in rows if row.identifier in identifiers]
    yeses = sorted((row.yes for row in mine if row.yes is not None), key=_rank, reverse=True)
    counting = [yes for yes in yeses if all(outlives(yes, no) for no in noes)]
    if counting:
        return Stands(state="granted", yes=counting[0])
    if noes:
        last = max(noes, key=lambda no: (no.recorded_at, no.decision))
        return Stands(state=last.state, no=last, yes=yeses[0] if yeses else None)
    if mine:
        return Stands(state="unconfirmed")
    return Stands(state="never_asked")


def across(
    rows: Sequence[Row], device: frozenset[int], account: frozenset[int], rule: str
) -> Stands:
    """Combine what was chosen on a device with the choice of the account signed in there.

    Each answers only for itself, whatever other devices said; `rule` is the organisation's.
    """
    theirs = stands(rows, account, alone=True)
    if theirs.state in UNSAID:
        return stands(rows, device, alone=True)
    if rule == ACCOUNT_CHOICE:
        return theirs
    return stands(rows, device | account, alone=True)


def settle(standing: Stands, *, floor: int, now: int) -> str:
    """Say what a granted standing has become: still granted, expired, or superseded."""
    yes = standing.yes
    if standing.state != "granted" or yes is None:
        return standing.state
    if yes.expires_at is not None and yes.expires_at <= now:
        return "expired"
    if yes.number is not None and yes.number < floor:
        return "superseded"
    return "granted"


def ends(standing: Stands, yes: int, *, floor: int, until: int) -> bool:
    """Tell whether a yes is what stood until a moment, so that its end is news.

    Not if a no or a newer yes stands in its place, nor if new words had ended it before.
    """
    stood = standing.yes
    if stood is None or stood.decision != yes:
        return False
    return settle(standing, floor=floor, now=until) == "granted"


def fold(history: Iterable[Said], *, alone: bool) -> dict[tuple[int, int], Row]:
    """Derive every row of one subject from its whole history, in the order recorded.

    Of one subject, not of one person: links come and go, and what a row holds must not
    depend on which stood when it was written. `stands` combines the rows of a person.
    """
    rows: dict[tuple[int, int], Row] = {}
    for said in history:
        for identifier in said.identifiers:
            place = (said.subject, identifier)
            row = rows.get(place) or Row(subject=said.subject, identifier=identifier)
            if isinstance(said.answer, Yes):
                noes = acting(rows.values(), frozenset({identifier}), alone=alone)
                row = add_yes(row, said.answer, noes)
            elif isinstance(said.answer, No):
                row = add_no(row, said.answer)
            rows[place] = row
    return rows
