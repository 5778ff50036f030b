"""Suppressing: a keyed hash that says not until the person says otherwise."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339_micros
from ..db import Insert, Sql, Transaction, as_json
from ..ids import new_id, public
from ..web import current
from .identifiers import CROSSED
from .models import SuppressedHash
from .rules import PURPOSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from .identifiers import Identified
    from .resolve import Held

JOURNAL: Final = "suppressions.jsonl"
# What the person did or asked, and what happened to what was sent to her.
ERASED: Final = "erased"
REASONS: Final = ("asked", "objected", "unsubscribed", "complained", "bounced", ERASED)
_OPEN: Final = Sql(
    """
    SELECT id, lifted, reason FROM suppression
    WHERE organisation_id = :organisation AND hash = :hash AND scope = :scope
      AND closed_at IS NULL
    """
)
_INSERT: Final = Sql(
    """
    INSERT INTO suppression (organisation_id, id, kind, hash, key_version, scope, reason,
                             recorded_at, lifted)
    VALUES (:organisation, :id, :kind, :hash, :version, :scope, :reason, :now, '{}')
    """
)
_CROSS: Final = Insert(SuppressedHash.__table__, or_else="ON CONFLICT DO NOTHING")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Whom a suppression names: a keyed hash, and more as long as more is known."""

    kind: str
    # Under every index key in use, the newest first; the one kept is the first.
    hashes: tuple[bytes, ...]
    version: int
    given: Identified | None = None
    subject: int | None = None
    # Keyed hashes of the SHA-256 under which others may ask; told, or made from `given`.
    crossed: tuple[bytes, ...] = ()


def target(keys: OrganisationKeys, given: Identified, *, subject: int | None = None) -> Target:
    """Name an identifier for a suppression, whether or not anybody is known by it."""
    versions = sorted(keys.index_keys, reverse=True)
    return Target(
        kind=given.kind,
        hashes=tuple(keys.index(given.kind, given.match, each) for each in versions),
        version=keys.index_version,
        given=given,
        subject=subject,
    )


def target_of(keys: OrganisationKeys, held: Held) -> Target:
    """Name an identifier that a subject holds."""
    return target(keys, held.given, subject=held.subject)


def scope_said(scope: str, configuration: Configuration | None) -> str:
    """Write a scope as the outside sees it: a purpose by its slug."""
    if not scope.startswith(PURPOSE):
        return scope
    number = int(scope.removeprefix(PURPOSE))
    known = configuration.purposes.get(number) if configuration else None
    return f"{PURPOSE}{known.slug if known else public('pur', number)}"


@dataclass
class Suppressor:
    """Adds suppressions, in the caller's transaction; `keep` ends it, before the commit."""

    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration | None
    log: str
    now: int
    # The key that asked for it, if one did.
    by: str | None = None
    lines: list[bytes] = field(default_factory=list)

    def add(self, whom: Target, *, scope: str, reason: str) -> int | None:
        """Suppress an identifier for a scope; None if that stands already, untouched.

        `scope` is `purpose:<number>`, `channel:<name>` or `marketing`.
        """
        if self.standing(whom, scope, reason) is not None:
            return None
        number = new_id()
        self.tx.run(
            _INSERT,
            {
                "organisation": self.keys.organisation,
                "id": number,
                "kind": whom.kind,
                "hash": whom.hashes[0],
                "version": whom.version,
                "scope": scope,
                "reason": reason,
                "now": self.now,
            },
        )
        crossed = self._cross(whom)
        self._prove(whom, number, scope, reason)
        line = ledger.journal_line(
            {
                "organisation": public("org", self.keys.organisation),
                "suppression": public("sup", number),
                "recorded_at": rfc3339_micros(self.now),
                "kind": whom.kind,
                "identifier": whom.hashes[0].hex(),
                "crossed": [each.hex() for each in crossed],
                "key_version": whom.version,
                "scope": scope,
                "reason": reason,
            }
        )
        self.lines.append(line)
        return number

    def standing(self, whom: Target, scope: str, reason: str) -> int | None:
        """Find the suppression that says all of this already.

        That somebody was erased is said beside whatever stopped her before.
        """
        for hashed in whom.hashes:
            values = {"organisation": self.keys.organisation, "hash": hashed, "scope": scope}
            # One lifted in part no longer says all of it: a new one stands beside it.
            for number, lifted, because in self.tx.run(_OPEN, values):
                if not as_json(lifted) and (reason != ERASED or because == ERASED):
                    return int(number)
        return None

    def _cross(self, whom: Target) -> tuple[bytes, ...]:
        """Let a question by SHA-256 find this hash, even once nobody holds it."""
        crossed = whom.crossed
        if whom.given is not None:
            crossed = tuple(self.keys.index(CROSSED, plain) for plain in whom.given.crossed)
        for each in crossed:
            place = {"organisation_id": self.keys.organisation, "hash": each}
            self.tx.later(_CROSS, {**place, "suppressed": whom.hashes[0]})
        return crossed

    def keep(self) -> None:
        """Write what was added into the journal, flushed to disk."""
        ledger.write_journal(current.settings().data / ledger.FOLDER, JOURNAL, self.lines)
        self.lines.clear()

    def _prove(self, whom: Target, number: int, scope: str, reason: str) -> None:
        said = scope_said(scope, self.configuration)
        record: dict[str, Any] = {
            "v": 1,
            "kind": "suppression",
            "organisation": public("org", self.keys.organisation),
            "id": public("sup", number),
            "recorded_at": rfc3339_micros(self.now),
            "event": "suppression.added",
            "scope": said,
            "reason": reason,
        }
        if self.by:
            record["key"] = self.by
        opening = None
        if whom.given is not None:
            key = secrets.token_bytes(32)
            record |= ledger.person_fields(key, whom.given.kind, whom.given.match)
            opening = ledger.Opening(whom.given.kind, key)
        ledger.append(
            self.tx,
            organisation=self.keys.organisation,
            log=self.log,
            record_id=number,
            kind="suppression",
            record=record,
            recorded_at=self.now,
            keys=self.keys,
            opening=opening,
            announcements=[self._event(whom, scope, said)],
        )

    def _event(self, whom: Target, scope: str, said: str) -> dict[str, Any]:
        event: dict[str, Any] = {
            "type": "suppression.added",
            "subject": public("sub", whom.subject) if whom.subject else None,
            "scope": said,
            "because": "suppressed",
        }
        if self.configuration and scope.startswith(PURPOSE):
            known = self.configuration.purposes.get(int(scope.removeprefix(PURPOSE)))
            event |= {"purpose": known.slug, "channel": known.channel} if known else {}
        return event


def suppress(
    tx: Transaction,
    keys: OrganisationKeys,
    held: Held,
    *,
    scope: str,
    reason: str,
    log: str,
    now: int,
) -> bool:
    """Suppress one identifier that somebody holds; False if that stands already."""
    suppressor = Suppressor(tx, keys, None, log, now)
    added = suppressor.add(target_of(keys, held), scope=scope, reason=reason)
    suppressor.keep()
    return added is not None


def suppress_all(
    suppressor: Suppressor, whom: Sequence[Target], scopes: Sequence[str], reason: str
) -> int:
    """Suppress each identifier for each scope; gives how many were new."""
    added = [
        suppressor.add(each, scope=scope, reason=reason) for each in whom for scope in scopes
    ]
    return sum(number is not None for number in added)
