"""The decision's record: what a stranger will be shown, and what the feed announces."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339_micros
from ..ids import public
from ..ledger.bundle import Opening
from ..ledger.entry import person_fields
from .rules import CLAIMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..notices.values import Purpose
    from ..subjects import Resolved
    from .record import Recorder
    from .values import NewDecision, Written


# What the person does who presses the button that a mail led her to.
CONFIRM: Final = "confirm"
# A yes that still waits to be confirmed changes nothing anybody acts on, and is no event.
_NOT_YET: Final = "unconfirmed"
# At these doors somebody wrote the source.
_TOLD: Final = frozenset({"system", "import"})


def write_proof(
    recorder: Recorder,
    who: Resolved,
    said: NewDecision,
    written: Written,
    *,
    given_at: int,
    choices: Mapping[str, Mapping[str, Any]],
    previous: int | None,
) -> None:
    """Append the decision to the ledger: its record, its opening, its announcements."""
    named = who.identifiers[0].given
    key = secrets.token_bytes(32)
    record = _record(recorder, said, written, given_at=given_at, key=key)
    record |= person_fields(key, named.kind, named.match)
    if previous is not None:
        record["previous"] = public("dec", previous)
    ledger.append(
        recorder.tx,
        organisation=recorder.keys.organisation,
        log=recorder.log,
        record_id=written.id,
        kind="decision",
        record=record,
        recorded_at=written.recorded_at,
        keys=recorder.keys,
        opening=Opening(named.kind, key),
        announcements=announcements(
            said.choices, written, choices, confirmed=said.action == CONFIRM
        ),
    )


def announcements(
    purposes: Iterable[Purpose],
    written: Written,
    choices: Mapping[str, Mapping[str, Any]],
    *,
    confirmed: bool = False,
) -> list[dict[str, Any]]:
    """Say what each choice changed, as the feed tells it (design.md §7, "event").

    One that changed nothing yet is not announced.
    """
    return announced(
        purposes,
        choices,
        public("sub", written.subject),
        public("dec", written.id),
        confirmed=confirmed,
    )


def announced(
    purposes: Iterable[Purpose],
    choices: Mapping[str, Mapping[str, Any]],
    subject: str,
    decision: str,
    *,
    confirmed: bool = False,
) -> list[dict[str, Any]]:
    """Say the same by the names of subject and decision."""
    told = []
    for purpose in purposes:
        choice = choices[str(purpose.id)]
        state = choice["state"]
        if state == _NOT_YET or choice["answer"] == CLAIMED:
            continue
        word = choice["named"] if choice["answer"] == "no" else state
        if confirmed and state == "granted":
            word = "confirmed"
        told.append(
            {
                "type": f"consent.{word}",
                "subject": subject,
                "purpose": purpose.slug,
                "channel": purpose.channel,
                "standing": state,
                "because": "consent" if state == "granted" else state,
                "decision": decision,
            }
        )
    return told


def _record(
    recorder: Recorder, said: NewDecision, written: Written, *, given_at: int, key: bytes
) -> dict[str, Any]:
    record = {
        **said_in_record(recorder.keys.organisation, said),
        "id": public("dec", written.id),
        "recorded_at": rfc3339_micros(written.recorded_at),
        "decided_at": rfc3339_micros(given_at),
    }
    plain = said.door != "system" or said.told.source in _declared_sources(recorder)
    if plain:
        record["source"] = said.told.source
    for name, text in hashed_texts(said, source=not plain):
        hashed = hmac.digest(key, f"{name}|{text}".encode(), "sha256")
        record[f"{name}_hash"] = hashed.hex()
    return record


def hashed_texts(said: NewDecision, *, source: bool) -> list[tuple[str, str]]:
    """Give the texts that a record keeps as keyed hashes alone, by name.

    Written by people, so they may hold an address: the holder of the original can show that
    it is hers. `source`: so was this one.
    """
    texts = (
        ("source", said.told.source if source else None),
        ("actor", said.told.actor),
        ("on_behalf_of", said.told.on_behalf_of),
        ("evidence", said.evidence),
    )
    return [(name, text) for name, text in texts if text]


def said_in_record(organisation: int, said: NewDecision) -> dict[str, Any]:
    """Give the part of the record that tells what was said, and nothing of who or when."""
    version = said.version
    record: dict[str, Any] = {
        "v": 1,
        "kind": "decision",
        "organisation": public("org", organisation),
        "door": said.door,
        "action": said.action,
        "assertion": said.assertion,
        "choices": {
            purpose.slug: CLAIMED if said.claim else "granted" if yes else "refused"
            for purpose, yes in said.choices.items()
        },
        "notice_version": public("ntv", version.id) if version else None,
        "notice_hash": version.content_hash if version else None,
        "language": said.language,
        "surface": said.surface,
        "site": public("site", said.site) if said.site else None,
        "key": said.key_id,
        **said.extra,
    }
    return {name: value for name, value in record.items() if value is not None}


def _declared_sources(recorder: Recorder) -> set[str]:
    return {each["slug"] for each in recorder.configuration.settings.get("sources", ())}
