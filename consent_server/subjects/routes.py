"""Doors for systems: facts about people, and who is one person."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .. import ledger, notices
from ..clock import rfc3339_micros, to_micros
from ..db import Transaction, once_more, write
from ..ids import new_id, parse, public
from ..organisations import Scope, audit, caller, keys_of, log_of, requires
from ..problems import NotFound
from ..web import Door, current, idempotency, limit
from .facts import Told, facts_in, record_facts
from .links import link, unlink
from .prove import prove_facts
from .read import identify_all, in_list, region_of, sellers_of, told_by
from .resolve import resolve
from .schemas import LinkOut, NewLink, NewSubject, SubjectOut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from ..keyring import OrganisationKeys

door = Door("subjects", __name__, description="People, without their names.")


@door.post("/v1/subjects")
@requires(Scope.RECORD)
@door.takes(NewSubject)
@door.answers(HTTPStatus.CREATED, SubjectOut, description="The person these facts are about.")
@door.refuses(HTTPStatus.CONFLICT)
@door.repeatable
def record_subject(body: dict[str, Any]) -> ResponseReturnValue:
    """Record facts about a person; appended, never overwritten."""
    limit("writes", caller().key_id)
    return once_more(lambda: _recorded(body))


def _recorded(body: dict[str, Any]) -> ResponseReturnValue:
    organisation = caller().organisation
    now = current.now()
    with write(organisation) as tx:
        configuration = notices.configuration(tx, organisation)
        given = identify_all(in_list(body["identifiers"]), region=region_of(configuration))
        told = told_by(body, configuration, facts=body)
        facts = facts_in(body, sellers=sellers_of(configuration))

        def act() -> tuple[int, dict[str, Any]]:
            keys = keys_of(organisation, tx)
            moment = to_micros(now)
            who = resolve(tx, keys, given, organisation=organisation, now=moment)
            written = record_facts(tx, keys, who.subject, facts.facts, told=told, now=moment)
            if written or who.created:
                prove_facts(tx, keys, who, facts, told, key=caller().key_id, now=moment)
            else:
                _look(tx, public("sub", who.subject))
            return HTTPStatus.CREATED, {"subject": public("sub", who.subject)}

        return idempotency.answered(
            tx,
            organisation=organisation,
            caller_key_id=caller().key_id,
            route="POST /v1/subjects",
            body=body,
            now=now,
            act=act,
        )


def _look(tx: Transaction, subject: str) -> None:
    """Note that somebody learnt who holds an identifier, and told nothing new."""
    audit(
        tx,
        organisation=caller().organisation,
        actor=caller().actor,
        action="subject.seen",
        target=subject,
        now=current.now(),
    )


@door.post("/v1/links")
@requires(Scope.RECORD)
@door.takes(NewLink)
@door.answers(HTTPStatus.CREATED, LinkOut, description="The link, by which it can be undone.")
@door.refuses(HTTPStatus.NOT_FOUND)
@door.repeatable
def record_link(body: dict[str, Any]) -> ResponseReturnValue:
    """Say that two subjects are one person; reversible."""
    organisation = caller().organisation
    limit("writes", caller().key_id)
    now = current.now()
    with write(organisation) as tx:
        return idempotency.answered(
            tx,
            organisation=organisation,
            caller_key_id=caller().key_id,
            route="POST /v1/links",
            body=body,
            now=now,
            act=lambda: (HTTPStatus.CREATED, _linked(tx, organisation, body, to_micros(now))),
        )


def _linked(
    tx: Transaction, organisation: int, body: dict[str, Any], now: int
) -> dict[str, Any]:
    first, second = body["subjects"]
    keys = keys_of(organisation, tx)
    told = Told(source=body["source"], actor=body.get("actor"))
    number = link(tx, keys, first, second, told=told, now=now)
    _prove_link(tx, keys, number, "subject.linked", (first, second), now)
    return {"link": public("lnk", number)}


@door.delete("/v1/links/<link_id>")
@requires(Scope.RECORD)
@door.answers(HTTPStatus.OK, LinkOut, description="The link that is no longer in force.")
@door.refuses(HTTPStatus.NOT_FOUND)
def undo_link(link_id: str) -> dict[str, Any]:
    """Undo a link; both subjects keep their own histories."""
    organisation = caller().organisation
    number = parse("lnk", link_id)
    if number is None:
        raise NotFound
    now = to_micros(current.now())
    with write(organisation) as tx:
        keys = keys_of(organisation, tx)
        pair = unlink(tx, organisation, number, now=now)
        _prove_link(tx, keys, number, "subject.unlinked", pair, now)
    return {"link": link_id}


def _prove_link(
    tx: Transaction,
    keys: OrganisationKeys,
    number: int,
    event: str,
    pair: tuple[int, int],
    now: int,
) -> None:
    subjects = [public("sub", each) for each in pair]
    record: Mapping[str, Any] = {
        "v": 1,
        "kind": "link",
        "organisation": public("org", keys.organisation),
        "recorded_at": rfc3339_micros(now),
        "link": public("lnk", number),
        "event": event,
        "subjects": subjects,
    }
    ledger.append(
        tx,
        organisation=keys.organisation,
        log=log_of(tx, keys.organisation),
        record_id=new_id(),
        kind="link",
        record=record,
        recorded_at=now,
        keys=keys,
        announcements=[{"type": event, "subject": subjects[0], "other": subjects[1]}],
    )
