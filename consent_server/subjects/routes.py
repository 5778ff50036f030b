"""Doors for systems: facts about people, and who is one person."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .. import notices
from ..clock import to_micros
from ..db import Transaction, once_more, write
from ..ids import parse, public
from ..organisations import Scope, audit, caller, keys_of, look, requires
from ..problems import NotFound
from ..web import Door, current, idempotency, limit
from .facts import Told
from .holdings import exists, meant
from .links import link, unlink
from .read import identify_all, in_list, region_of
from .schemas import (
    LinkOut,
    LinkShown,
    LinksQuery,
    LinksShown,
    NewLink,
    NewSubject,
    SubjectOut,
)
from .shown import link_shown, links_of
from .told import Teller

if TYPE_CHECKING:
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
        teller = Teller(
            tx,
            keys_of(organisation, tx),
            notices.configuration(tx, organisation),
            caller().key_id,
            now,
        )

        def act() -> tuple[int, dict[str, Any]]:
            number, new = teller.tell(body)
            subject = public("sub", number)
            if not new:
                _look(tx, subject)
            return HTTPStatus.CREATED, {"subject": subject}

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
    limit("writes", caller().key_id)
    return once_more(lambda: _answered(body))


def _answered(body: dict[str, Any]) -> ResponseReturnValue:
    organisation = caller().organisation
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
    keys = keys_of(organisation, tx)
    first, second = body.get("subjects") or _named(tx, keys, body["identifiers"])
    told = Told(source=body["source"], actor=body.get("actor"))
    number = link(tx, keys, first, second, told=told, now=now)
    return {"link": public("lnk", number)}


def _named(
    tx: Transaction, keys: OrganisationKeys, identifiers: list[dict[str, Any]]
) -> list[int]:
    region = region_of(notices.configuration(tx, keys.organisation))
    given = [identify_all([each], region=region) for each in in_list(identifiers)]
    found = [meant(tx, keys, each) for each in given]
    # Whoever logs in without ever having chosen is not made a subject by it.
    if None in found:
        raise NotFound
    return [held.subject for held in found if held is not None]


@door.get("/v1/links")
@requires(Scope.RECORD)
@door.takes_query(LinksQuery)
@door.answers(HTTPStatus.OK, LinksShown, description="In force, and undone.")
@door.refuses(HTTPStatus.NOT_FOUND)
def list_links(query: dict[str, Any]) -> dict[str, Any]:
    """List the links of a subject; the look is written down."""
    organisation = caller().organisation
    limit("lookups", caller().key_id)
    with write(organisation) as tx:
        if not exists(tx, organisation, query["subject"]):
            raise NotFound
        look(tx, "subject.links_listed", public("sub", query["subject"]))
        return {"links": links_of(tx, keys_of(organisation, tx), [query["subject"]])}


@door.get("/v1/links/<link_id>")
@requires(Scope.RECORD)
@door.answers(HTTPStatus.OK, LinkShown, description="The link, in force or undone.")
@door.refuses(HTTPStatus.NOT_FOUND)
def show_link(link_id: str) -> dict[str, Any]:
    """Show one link; the look is written down."""
    organisation = caller().organisation
    limit("lookups", caller().key_id)
    with write(organisation) as tx:
        shown = link_shown(tx, keys_of(organisation, tx), parse("lnk", link_id) or 0)
        if shown is None:
            raise NotFound
        look(tx, "link.shown", link_id)
        return shown


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

    def undo() -> dict[str, Any]:
        with write(organisation) as tx:
            unlink(tx, keys_of(organisation, tx), number, now=now)
        return {"link": link_id}

    return once_more(undo)
