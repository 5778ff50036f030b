"""Contacts: what the person did last, and our attempts to reach her; facts like any other.

Retention counts from the first, frequency rules count the second (standards.md PRO-4, PRO-6).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import from_micros, rfc3339_micros, to_micros
from ..ids import public
from ..problems import Unprocessable
from .facts import Given, NewFact, close_facts, known_facts, record_facts
from .read import identify_all, in_object, region_of, told_by
from .resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from .facts import Told
    from .resolve import Resolved

CONTACT: Final = "contact"
ATTEMPT: Final = "attempt"
_CLOCK_SLACK: Final = timedelta(minutes=5)
# More than any rule counts. Older ones are closed, so that a lookup never reads thousands;
# they stay to answer for their days.
_KEPT_OPEN: Final = 64


@dataclass(frozen=True)
class ContactBook:
    """What recording contacts needs beside the contacts; `by` names the caller's key."""

    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    log: str
    by: str
    now: int

    def touch(self, body: Mapping[str, Any], pointer: str = "") -> dict[str, Any]:
        """Record what the person did; gives her, and when it was."""
        return self._record(body, pointer, CONTACT, {"kind": body["kind"]})

    def attempt(self, body: Mapping[str, Any], pointer: str = "") -> dict[str, Any]:
        """Record that we tried to reach her; gives her, and when it was."""
        more = {"outcome": body["outcome"]} if "outcome" in body else {}
        if "purpose" in body:
            purpose = self.configuration.purpose(body["purpose"])
            if purpose is None or purpose.channel != body["channel"]:
                fault = "this organisation has no such purpose on this channel"
                raise Unprocessable.at(f"{pointer}/purpose", fault)
            more["purpose"] = str(purpose.id)
        return self._record(body, pointer, ATTEMPT, {"channel": body["channel"], **more})

    def _record(
        self, body: Mapping[str, Any], pointer: str, kind: str, told_of: dict[str, Any]
    ) -> dict[str, Any]:
        at = self._moment(body, pointer)
        places = [(f"{pointer}{place}", *rest) for place, *rest in in_object(body["subject"])]
        region = region_of(self.configuration)
        given = identify_all(places, region=region)  # type: ignore[arg-type] # as unfolded
        told = told_by(body, self.configuration, facts=body)
        organisation = self.keys.organisation
        who = resolve(self.tx, self.keys, given, organisation=organisation, now=self.now)
        fact = NewFact(kind=kind, body=told_of, since=from_micros(at))
        known = [] if who.created else known_facts(self.tx, organisation, who.subject)
        written = record_facts(
            self.tx, self.keys, who.subject, [fact], told=told, now=self.now, known=known
        )
        if written:
            close_facts(self.tx, organisation, _overtaken(known, kind), self.now)
            self._prove(who, fact, told, written[0])
        return {"subject": public("sub", who.subject), "at": rfc3339_micros(at)}

    def _moment(self, body: Mapping[str, Any], pointer: str) -> int:
        stated = body.get("at")
        if stated is None:
            return self.now
        if stated > from_micros(self.now) + _CLOCK_SLACK:
            raise Unprocessable.at(f"{pointer}/at", "a time in the future cannot be recorded")
        return min(to_micros(stated), self.now)

    def _prove(self, who: Resolved, fact: NewFact, told: Told, number: int) -> None:
        own = secrets.token_bytes(32)
        named = who.identifiers[0].given
        ledger.append(
            self.tx,
            organisation=self.keys.organisation,
            log=self.log,
            record_id=number,
            kind="subject",
            record={
                "v": 1,
                "kind": "subject",
                "organisation": public("org", self.keys.organisation),
                "recorded_at": rfc3339_micros(self.now),
                **ledger.person_fields(own, named.kind, named.match),
                "facts": Given(facts=(fact,)).as_record(),
                "key": self.by,
            },
            recorded_at=self.now,
            keys=self.keys,
            opening=ledger.Opening(named.kind, own),
        )


def _overtaken(known: Sequence[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    """Find the facts that no rule needs to read any more, now that there is a newer one."""
    mine = sorted((f for f in known if f["kind"] == kind), key=lambda f: -f["since"])
    if kind == CONTACT:
        # The last one counts, alone.
        return mine[1:]
    # A refusal begins a pause, and the last one of a channel counts.
    keep: set[int] = set()
    for channel in {f["body"]["channel"] for f in mine}:
        tried = [f for f in mine if f["body"]["channel"] == channel]
        refused = [f["id"] for f in tried if f["body"].get("outcome") == "refused"]
        keep.update([f["id"] for f in tried[:_KEPT_OPEN]], refused[:1])
    return [f for f in mine if f["id"] not in keep]
