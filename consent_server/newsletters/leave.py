"""Leaving: one no for what the link names, however often it is clicked within an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .. import notices
from ..clock import to_micros
from ..db import Sql, Transaction, as_json, swift_write
from ..decisions import NewDecision, Recorder, receipt_name, standing
from ..decisions.rules import WITNESSED, said_already, stands
from ..organisations import keys_of, log_of
from ..subjects import Resolved, Told, identify
from ..subjects.resolve import Held
from ..subjects.rules import PURPOSE, is_marketing
from ..subjects.suppress import Suppressor, Target, target_of
from ..web import current
from .decide import Decider
from .links import MARKETING, Known, Left, Link, read_link_row

if TYPE_CHECKING:
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose

DOOR: Final = "unsubscribe"
_SOURCE: Final = "unsubscribe link"
_REASON: Final = "unsubscribed"
_DOOR_OF: Final = Sql(
    "SELECT door, identifier_id, choices FROM decision"
    " WHERE organisation_id = :organisation AND id = :id"
)


@dataclass(frozen=True)
class Outcome:
    """What came of it: the receipt that stands for it, and the no, if this press made it."""

    receipt: str | None = None
    decision: int | None = None


def leave(
    organisation: int, name: str, lock: int, *, scope: str, means: str, language: str | None
) -> Outcome:
    """Withdraw, or object, by a link that exists; gives the receipt, if one stands for it.

    What has just become a no stays as it is. `scope` is the link's own, or `marketing` when a
    page that followed it offered that. `lock` comes from `lock_of`.
    """
    with swift_write(organisation, lock=lock) as tx:
        link = read_link_row(tx, organisation, name)
        if link is not None and link.known is not None:
            return _Leaving(tx, link, link.known, scope).run(means, language)
        if link is not None and link.left is not None:
            _stop_for_good(tx, link, link.left, scope)
        return Outcome()


def take_back(
    organisation: int, name: str, lock: int, *, decision: int, language: str
) -> str | None:
    """Let stand again what stood before a no of this link's; gives the receipt, if any did."""
    with swift_write(organisation, lock=lock) as tx:
        link = read_link_row(tx, organisation, name)
        if link is None or link.known is None:
            return None
        keys = keys_of(organisation, tx)
        configuration = notices.configuration(tx, organisation)
        held = held_by(keys, link.known)
        decider = Decider(tx, keys, configuration, held, current.now(), language, DOOR, _SOURCE)
        written = decider.undo(decision)
        return written[0].receipt if written else None


def _stop_for_good(tx: Transaction, link: Link, left: Left, scope: str) -> None:
    """Say no for somebody erased: nobody is there to write it on, the keyed hash is."""
    suppressor = Suppressor(
        tx,
        keys_of(link.organisation, tx),
        notices.configuration(tx, link.organisation),
        log_of(tx, link.organisation),
        to_micros(current.now()),
    )
    whom = Target(kind=left.kind, hashes=(left.hash,), version=left.key_version)
    covered = MARKETING if scope == MARKETING else f"{PURPOSE}{scope}"
    suppressor.add(whom, scope=covered, reason=_REASON)
    suppressor.keep()


def lock_of(link: Link) -> int:
    """Name the queue in which writers about this link's identifier follow each other."""
    of = link.known or link.left
    return int.from_bytes(of.hash[:8], signed=True) if of else 0


def purposes_of(
    tx: Transaction, link: Link, configuration: Configuration, scope: str
) -> list[Purpose]:
    """Give the purposes that a link leaves, one dropped from the catalogue included."""
    if scope == MARKETING:
        return [each for each in configuration.purposes.values() if is_marketing(each)]
    found = configuration.purposes.get(int(scope))
    if found is None:
        # The words of the day the link was made: a no is recorded to what was then meant.
        then = notices.configuration(tx, link.organisation, at=link.recorded_at)
        found = then.purposes.get(int(scope))
    return [found] if found else []


class _Leaving:
    def __init__(self, tx: Transaction, link: Link, known: Known, scope: str) -> None:
        self.tx = tx
        self.organisation = link.organisation
        self.keys = keys_of(link.organisation, tx)
        self.configuration = notices.configuration(tx, link.organisation)
        self.scope = scope
        self.purposes = purposes_of(tx, link, self.configuration, scope)
        self.held = held_by(self.keys, known)
        self.now = current.now()
        self.log = log_of(tx, link.organisation)

    def run(self, means: str, language: str | None) -> Outcome:
        outcome = self._stop(means, language)
        if self.scope == MARKETING:
            suppressor = Suppressor(
                self.tx, self.keys, self.configuration, self.log, to_micros(self.now)
            )
            suppressor.add(target_of(self.keys, self.held), scope=MARKETING, reason=_REASON)
            suppressor.keep()
        return outcome

    def _stop(self, means: str, language: str | None) -> Outcome:
        held = self.held
        rows = standing.of_person(self.tx, self.organisation, held.subject, held.person)
        places = frozenset({self.held.id})
        # A no of somebody linked acts here only as long as the link does: this one is hers.
        stood = {
            purpose: stands(
                [row for row in rows.get(purpose.id, ()) if row.subject == held.subject],
                places,
                alone=purpose.kind == "tracker",
            )
            for purpose in self.purposes
        }
        now = to_micros(self.now)
        still = [purpose for purpose, each in stood.items() if not said_already(each, now)]
        if still:
            return self._record(still, means, language)
        noes = {each.no for each in stood.values() if each.no is not None}
        latest_first = sorted(noes, key=lambda no: no.recorded_at, reverse=True)
        mine = (self._receipt_of(no.decision) for no in latest_first)
        return Outcome(receipt=next((receipt for receipt in mine if receipt), None))

    def _record(self, purposes: list[Purpose], means: str, language: str | None) -> Outcome:
        who = Resolved(self.held.subject, self.held.person, (self.held,), created=False)
        said = NewDecision(
            door=DOOR,
            action="withdraw_all" if self.scope == MARKETING else "unsubscribe",
            choices=dict.fromkeys(purposes, False),
            told=Told(source=_SOURCE),
            decided_at=self.now,
            assertion=WITNESSED,
            repeats=True,
            language=language,
            surface="page" if means == "button" else None,
            extra={"means": means},
        )
        written = self._recorder().record(who, said)
        return Outcome(written.receipt, written.id)

    def _recorder(self) -> Recorder:
        return Recorder(
            self.tx,
            self.keys,
            self.configuration,
            _receipt_key(),
            self.log,
            self.now,
        )

    def _receipt_of(self, decision: int) -> str | None:
        # A no said elsewhere may have named other purposes, which this link must not show.
        values = {"organisation": self.organisation, "id": decision}
        own = {str(purpose.id) for purpose in self.purposes}
        for door, identifier, choices in self.tx.run(_DOOR_OF, values):
            if door == DOOR and identifier == self.held.id and own >= set(as_json(choices)):
                return receipt_name(_receipt_key(), self.organisation, decision)
        return None


def held_by(keys: OrganisationKeys, known: Known) -> Held:
    """Open the identifier that a link was made for."""
    display = keys.unseal(known.sealed, "identifier", known.identifier).decode()
    given = identify(known.kind, display, region="", shared=known.shared)  # type: ignore[arg-type] # as stored
    return Held(known.identifier, known.subject, known.person, known.shared, given)


def _receipt_key() -> bytes:
    return current.keyring().derive("receipts")
