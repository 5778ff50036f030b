"""The systems' doors: decisions they saw or were told of, the record, the proof."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response

from .. import ledger, notices
from ..clock import rfc3339_micros, to_micros
from ..db import Sql, Transaction, as_json, once_more, write
from ..ids import parse, public
from ..organisations import Caller, Scope, audit, caller, keys_of, log_of, requires
from ..problems import NotFound, Problem, Unprocessable
from ..subjects import Told, facts_in, prove_facts, record_facts, resolve
from ..subjects.read import (
    identify_all,
    in_object,
    refuse_the_future,
    region_of,
    sellers_of,
    told_by,
)
from ..web import Door, current, idempotency, limit
from .check import choices_of_system
from .receipts import receipt_name
from .record import Recorder
from .rules import CLAIMED, WITNESSED, WITNESSED_BY_KEY
from .schemas import DecisionOut, DecisionWritten, ProofOut, ProofQuery, SystemDecision
from .tokens import token_of
from .values import NewDecision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask.typing import ResponseReturnValue

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, VersionShown

door = Door("decisions", __name__, description="What people chose, and the proof of it.")

_SAID: Final = {"yes": "granted", "no": "refused", CLAIMED: CLAIMED}
_ONE: Final = Sql(
    """
    SELECT d.subject_id, d.recorded_at, d.decided_at, d.door, d.action, d.assertion, d.choices,
           d.version_id, d.language, d.surface, d.site_id, d.previous_id, d.sealed, e.place
    FROM decision d
    LEFT JOIN ledger_entry e
      ON e.organisation_id = d.organisation_id AND e.record_id = d.id
    WHERE d.organisation_id = :organisation AND d.id = :id
    """
)


@door.post("/v1/decisions")
@requires(Scope.RECORD)
@door.takes(SystemDecision)
@door.answers(HTTPStatus.CREATED, DecisionWritten, description="The receipt.")
@door.refuses(HTTPStatus.CONFLICT)
@door.repeatable
def record_decision(body: dict[str, Any]) -> ResponseReturnValue:
    """Record a decision that a system saw, or has evidence of, or was told of."""
    # A withdrawal is never refused by a quota.
    limit("writes", caller().key_id, refuse="granted" in body["choices"].values())
    return once_more(lambda: _recorded(caller(), body))


def _recorded(who: Caller, body: dict[str, Any]) -> ResponseReturnValue:
    with write(who.organisation) as tx:
        return idempotency.answered(
            tx,
            organisation=who.organisation,
            caller_key_id=who.key_id,
            route="POST /v1/decisions",
            body=body,
            now=current.now(),
            act=lambda: (HTTPStatus.CREATED, _record(tx, who, body)),
        )


def _record(tx: Transaction, who: Caller, body: dict[str, Any]) -> dict[str, Any]:
    now = current.now()
    organisation = who.organisation
    configuration = notices.configuration(tx, organisation)
    keys = keys_of(organisation, tx)
    given = identify_all(in_object(body["subject"]), region=region_of(configuration))
    told = told_by(body, configuration, facts=body["subject"])
    refuse_the_future(body["subject"], now, under="/subject")
    said = _said(tx, who, body, configuration, told, now)
    moment = to_micros(now)
    person = resolve(tx, keys, given, organisation=organisation, now=moment)
    facts = facts_in(body["subject"], sellers=sellers_of(configuration))
    written_facts = record_facts(tx, keys, person.subject, facts.facts, told=told, now=moment)
    if written_facts or (person.added and not person.created):
        # The decision's own record tells who decided; what else was said has one of its own.
        prove_facts(
            tx, keys, person, facts, told, written=written_facts, key=who.key_id, now=moment
        )
    recorder = Recorder(
        tx,
        keys,
        configuration,
        current.keyring().derive("receipts"),
        log_of(tx, organisation),
        now,
    )
    written = recorder.record(person, said)
    return written.as_json(rfc3339_micros(written.recorded_at), token_of(written.recorded_at))


def _said(
    tx: Transaction,
    who: Caller,
    body: dict[str, Any],
    configuration: Configuration,
    told: Told,
    now: datetime,
) -> NewDecision:
    version = _version(tx, who.organisation, body.get("notice_version"))
    assertion = body.get("assertion", "asserted")
    return NewDecision(
        door="system",
        action="save",
        choices=choices_of_system(body["choices"], version, configuration),
        told=told,
        decided_at=body.get("decided_at") or now,
        # The key holder's own form: as good as ours, but not over an earlier no.
        assertion=WITNESSED_BY_KEY if assertion == WITNESSED else assertion,
        evidence=body.get("evidence"),
        version=version,
        language=body.get("language"),
        previous=body.get("previous"),
        key_id=who.key_id,
    )


def _version(tx: Transaction, organisation: int, number: int | None) -> VersionShown | None:
    if number is None:
        return None
    version = notices.version(tx, organisation, number)
    if version is None:
        raise Unprocessable.at(
            "/notice_version", "this organisation has no such notice version"
        )
    return version


@door.get("/v1/decisions/<decision_id>")
@requires(Scope.PROOFS)
@door.answers(HTTPStatus.OK, DecisionOut, description="The decision as it is kept.")
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
def show_decision(decision_id: str) -> dict[str, Any]:
    """Show one decision, and write into the audit trail who looked."""
    organisation = caller().organisation
    number = _number(decision_id)
    with write(organisation) as tx:
        rows = tx.run(_ONE, {"organisation": organisation, "id": number})
        if not rows:
            raise _gone(tx, organisation, number)
        _look(tx, organisation, "decision.shown", decision_id)
        configuration = notices.configuration(tx, organisation)
        return _as_json(rows[0], number, keys_of(organisation, tx), configuration)


@door.get("/v1/decisions/<decision_id>/proof")
@requires(Scope.PROOFS)
@door.takes_query(ProofQuery)
@door.answers(HTTPStatus.OK, ProofOut, description="The proof bundle, for `consent verify`.")
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE)
def prove_decision(query: dict[str, Any], decision_id: str) -> Response:
    """Give the proof that a stranger can check without us."""
    bundle = _proved(decision_id, query)
    return Response(ledger.proof_bytes(bundle), mimetype="application/json")


@door.get("/v1/decisions/<decision_id>/tlog-proof")
@requires(Scope.PROOFS)
@door.takes_query(ProofQuery)
@door.answers(HTTPStatus.OK, media="text/plain", description="The proof as a C2SP file.")
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE)
def prove_for_other_tools(query: dict[str, Any], decision_id: str) -> Response:
    """Give the same proof as one text file, `c2sp.org/tlog-proof@v1`."""
    bundle = _proved(decision_id, query)
    response = Response(ledger.tlog_proof_bytes(bundle), mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{decision_id}.tlog-proof"'
    return response


def _proved(decision_id: str, query: Mapping[str, Any]) -> dict[str, object]:
    organisation = caller().organisation
    number = _number(decision_id)
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    with write(organisation) as tx:
        if not tx.run(_ONE, {"organisation": organisation, "id": number}):
            raise _gone(tx, organisation, number)
        bundle = ledger.prove(
            tx,
            organisation=organisation,
            record_id=number,
            keys=keys_of(organisation, tx),
            signer=signer,
            opening=query.get("opening") == "true",
        )
        _look(tx, organisation, "decision.proved", decision_id)
    return bundle


def _gone(tx: Transaction, organisation: int, number: int) -> Problem:
    if ledger.was_erased(tx, organisation, number, "decision"):
        return ledger.Erased("the decision was erased; the log's other proofs still hold")
    return NotFound()


def _number(decision_id: str) -> int:
    number = parse("dec", decision_id)
    if number is None:
        raise NotFound
    return number


def _look(tx: Transaction, organisation: int, action: str, target: str) -> None:
    audit(
        tx,
        organisation=organisation,
        actor=caller().actor,
        action=action,
        target=target,
        detail={},
        now=current.now(),
    )


def _as_json(
    row: Any, number: int, keys: OrganisationKeys, configuration: Configuration
) -> dict[str, Any]:
    told: Mapping[str, Any] = {}
    if row[12] is not None:
        told = json.loads(keys.unseal(bytes(row[12]), "decision", number))
    choices = as_json(row[6])
    named = {
        configuration.purposes[int(purpose)].slug: choice
        for purpose, choice in choices.items()
        if int(purpose) in configuration.purposes
    }
    return {
        "id": public("dec", number),
        "subject": public("sub", row[0]),
        "recorded_at": rfc3339_micros(row[1]),
        "decided_at": rfc3339_micros(row[2]),
        "door": row[3],
        "action": row[4],
        "assertion": row[5].removesuffix("_by_key"),
        "choices": {slug: _SAID[choice["answer"]] for slug, choice in named.items()},
        "standing": {slug: choice["state"] for slug, choice in named.items()},
        "notice_version": public("ntv", row[7]) if row[7] else None,
        "language": row[8],
        "surface": row[9],
        "site": public("site", row[10]) if row[10] else None,
        "previous": public("dec", row[11]) if row[11] else None,
        "source": told.get("source"),
        "actor": told.get("actor"),
        "evidence": told.get("evidence"),
        "receipt": receipt_name(
            current.keyring().derive("receipts"), keys.organisation, number
        ),
        "ledger": "pending" if row[13] is None else "integrated",
    }
