"""The systems' door: links to put into messages, with their two headers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from ..db import once_more, read, swift_write
from ..organisations import Caller, Scope, caller, requires
from ..problems import Problem
from ..web import Door, current, idempotency, limit
from . import lines
from .ask import give, reading
from .schemas import LinksOut, NewLinks

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

door = Door("newsletters", __name__, description="Leaving a list, in one click.")

# Ten thousand links with the longest addresses there are.
_MOST_BYTES: Final = 8 * 1024 * 1024
_ROUTE: Final = "POST /v1/unsubscribe-links"


@door.post("/v1/unsubscribe-links")
@requires(Scope.LINKS)
@door.takes(NewLinks, most_bytes=_MOST_BYTES, or_lines=lines.MEDIA)
@door.answers(HTTPStatus.CREATED, LinksOut, description="The link, or the links in order.")
@door.answers(
    HTTPStatus.OK,
    media=lines.MEDIA,
    description="For lines: each line's link, in order; or its `error`, at its place.",
)
@door.refuses(HTTPStatus.CONFLICT)
def make_links(body: dict[str, Any]) -> ResponseReturnValue:
    """Give links that end a purpose or all marketing, each with its two headers.

    The same identifier and purpose give the same link; an unknown address becomes a
    subject; the link never stops working. A list is made in parts, which a refusal later in
    it leaves made: the same list asked again gives the same links. One that is sent as lines
    (NDJSON) may have any length, and its answer is streamed.
    """
    who = caller()
    limit("writes", who.key_id)
    if not body:
        return lines.answer(who)

    if idempotency.key_sent() is None:
        return _made(who, body), HTTPStatus.CREATED, {}
    # Before the key's transaction, each part in its own; a retry's are not made once more.
    made = {} if _is_retry(who) else _made(who, body)

    def act() -> ResponseReturnValue:
        with swift_write(who.organisation) as tx:
            return idempotency.answered(
                tx,
                organisation=who.organisation,
                caller_key_id=who.key_id,
                route=_ROUTE,
                body=body,
                now=current.now(),
                act=lambda: (HTTPStatus.CREATED, made),
            )

    return once_more(act)


def _is_retry(who: Caller) -> bool:
    with read(who.organisation) as tx:
        return idempotency.is_kept(
            tx,
            organisation=who.organisation,
            caller_key_id=who.key_id,
            route=_ROUTE,
            now=current.now(),
        )


def _made(who: Caller, body: dict[str, Any]) -> dict[str, Any]:
    links: list[dict[str, Any]] = []
    for each in give(who, reading(who).every(body)):
        if isinstance(each, Problem):
            raise each
        links.append(each)
    return {"links": links} if "links" in body else links[0]
