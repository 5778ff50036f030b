"""What a dispute is about: question, answer, each decision with its proof, the words."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import db, ledger, notices
from ..decisions.of_person import receipts_of
from ..experience.replay.read import kept_of
from ..ids import parse
from ..ledger import person_fields
from ..organisations import keys_of, log_of
from ..permissions.lookup import Question, answer, find_purpose
from ..problems import NotFound
from ..subjects.holdings import meant, subjects_of
from ..subjects.read import region_of
from ..web import current

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..decisions.receipt import Receipt
    from ..experience.replay.read import Kept
    from ..keyring import OrganisationKeys
    from ..notices.values import Purpose, VersionShown
    from ..subjects import Identified


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody disputes: may this person be reached for this purpose, at that moment?"""

    organisation: int
    person: Identified
    typed: str
    purpose: str
    channel: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Proved:
    """A decision as its receipt says it, and its proof file."""

    receipt: Receipt
    proof: bytes
    # Whether the file shows that it is about whoever was asked for.
    opened: bool
    stamps: int


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """All of it, at one moment."""

    asked: Asked
    subject: int
    purpose: Purpose
    organisation: Mapping[str, Any]
    answer: Mapping[str, Any]
    decisions: Sequence[Proved]
    versions: Sequence[VersionShown]
    log_keys: Sequence[str]
    # What each banner among the versions was shown as, and the proof that it was kept.
    replays: Mapping[int, Replayed]


@dataclass(frozen=True)
class Replayed:
    """The views that were kept of a version, and the proof of their hashes."""

    views: Sequence[Kept]
    proof: bytes


def gather(asked: Asked) -> Dispute:
    """Gather a dispute; raises NotFound for whom or what nobody knows, StillPending."""
    keys = keys_of(asked.organisation)
    with db.read(asked.organisation) as tx:
        configuration = notices.configuration(tx, asked.organisation)
        purpose = find_purpose(configuration, asked.purpose, asked.channel)
        if purpose is None:
            raise NotFound("there is no such purpose")
        held = meant(tx, keys, [asked.person])
        if held is None:
            raise NotFound("nobody is known by this identifier")
        subjects = subjects_of(tx, asked.organisation, held.person)
        receipts = receipts_of(tx, asked.organisation, subjects, purpose=purpose.id)
        signer = ledger.LogSigner.of(current.settings(), current.keyring())
        decisions = [_proved(tx, keys, signer, receipt, asked.person) for receipt in receipts]
        log = log_of(tx, asked.organisation)
        origin = ledger.key_of_log(tx, signer, log).name
        versions = _versions(receipts)
        replays = {
            each.id: found for each in versions if (found := _replayed(tx, keys, signer, each))
        }
    question = Question(purpose=purpose.slug, at=asked.at, explain="full")
    (said,) = answer(
        keys,
        asked.person.kind,
        asked.typed,
        [question],
        region=region_of(configuration),
        now=current.now(),
    )
    return Dispute(
        asked=asked,
        subject=held.subject,
        purpose=purpose,
        organisation=configuration.settings.get("organisation", {}),
        answer=said,
        decisions=decisions,
        versions=versions,
        replays=replays,
        log_keys=[key.vkey for key in signer.keys_for(origin)],
    )


def _proved(
    tx: Transaction,
    keys: OrganisationKeys,
    signer: ledger.LogSigner,
    receipt: Receipt,
    person: Identified,
) -> Proved:
    bundle = ledger.prove(
        tx,
        organisation=keys.organisation,
        record_id=parse("dec", receipt.decision) or 0,
        keys=keys,
        signer=signer,
        opening=True,
    )
    opened = _is_about(bundle, person)
    if not opened:
        # Made through another identifier of hers, which whoever asked may not know.
        del bundle["opening"]
    stamps = bundle["stamps"]
    assert isinstance(stamps, list)  # noqa: S101 # the bundle's own form
    return Proved(
        receipt=receipt,
        proof=ledger.proof_bytes(bundle),
        opened=opened,
        stamps=len(stamps),
    )


def _replayed(
    tx: Transaction,
    keys: OrganisationKeys,
    signer: ledger.LogSigner,
    version: VersionShown,
) -> Replayed | None:
    views = kept_of(tx, keys.organisation, version.id)
    if not views:
        return None
    proof = ledger.prove(
        tx,
        organisation=keys.organisation,
        record_id=views[0].record,
        keys=keys,
        signer=signer,
        opening=False,
    )
    return Replayed(views, ledger.proof_bytes(proof))


def _is_about(bundle: Mapping[str, Any], person: Identified) -> bool:
    record, opening = json.loads(bundle["record"]), bundle.get("opening")
    if opening is None or opening["kind"] != person.kind:
        return False
    shown = person_fields(b64decode(opening["key"]), person.kind, person.match)
    return bool(record.get("person") == shown["person"])


def _versions(receipts: Sequence[Receipt]) -> list[VersionShown]:
    found = {each.version.id: each.version for each in receipts if each.version}
    return sorted(found.values(), key=lambda each: (each.recorded_at, each.id))
