"""Doors for systems: what the person did last, and our attempts to reach her."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .. import notices
from ..clock import to_micros
from ..db import once_more, write
from ..organisations import Scope, caller, keys_of, log_of, requires
from ..web import Door, current, idempotency, limit
from .contacts import ContactBook
from .schemas import Attempts, ContactsOut, Touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

door = Door("contacts", __name__, description="Who reached whom, and when.")


@door.post("/v1/contacts/touch")
@requires(Scope.RECORD)
@door.takes(Touches)
@door.answers(HTTPStatus.CREATED, ContactsOut, description="Whom these contacts were with.")
@door.refuses(HTTPStatus.CONFLICT)
@door.repeatable
def record_touch(body: dict[str, Any]) -> ResponseReturnValue:
    """Record what the person did: retention counts from the last of it. An open is nothing."""
    return _recorded("POST /v1/contacts/touch", body, ContactBook.touch)


@door.post("/v1/contacts/attempts")
@requires(Scope.RECORD)
@door.takes(Attempts)
@door.answers(HTTPStatus.CREATED, ContactsOut, description="Whom we tried to reach.")
@door.refuses(HTTPStatus.CONFLICT)
@door.repeatable
def record_attempt(body: dict[str, Any]) -> ResponseReturnValue:
    """Record an attempt by us to reach a person: frequency rules count it."""
    return _recorded("POST /v1/contacts/attempts", body, ContactBook.attempt)


def _recorded(
    route: str,
    body: dict[str, Any],
    deed: Callable[[ContactBook, dict[str, Any], str], dict[str, Any]],
) -> ResponseReturnValue:
    who = caller()
    limit("writes", who.key_id)

    def act() -> ResponseReturnValue:
        with write(who.organisation) as tx:
            book = ContactBook(
                tx,
                keys_of(who.organisation, tx),
                notices.configuration(tx, who.organisation),
                log_of(tx, who.organisation),
                who.key_id,
                to_micros(current.now()),
            )
            return idempotency.answered(
                tx,
                organisation=who.organisation,
                caller_key_id=who.key_id,
                route=route,
                body=body,
                now=current.now(),
                act=lambda: (HTTPStatus.CREATED, _each(book, body, deed)),
            )

    return once_more(act)


def _each(
    book: ContactBook,
    body: dict[str, Any],
    deed: Callable[[ContactBook, dict[str, Any], str], dict[str, Any]],
) -> dict[str, Any]:
    if "contacts" not in body:
        return deed(book, body, "")
    several = enumerate(body["contacts"])
    return {"contacts": [deed(book, one, f"/contacts/{at}") for at, one in several]}
