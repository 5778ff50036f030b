"""The systems' door: links to put into messages, with their two headers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import to_micros
from ..db import once_more, swift_write
from ..organisations import Scope, caller, keys_of, requires
from ..web import Door, current, idempotency, limit
from . import lines
from .ask import Asker
from .schemas import LinksOut, NewLinks

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

door = Door("newsletters", __name__, description="Leaving a list, in one click.")

# Ten thousand links with the longest addresses there are.
_MOST_BYTES: Final = 8 * 1024 * 1024


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
    subject; the link never stops working. A list that is sent as lines (NDJSON) may have
    any length, and its answer is streamed.
    """
    who = caller()
    limit("writes", who.key_id)
    if not body:
        return lines.answer(who)

    def act() -> ResponseReturnValue:
        with swift_write(who.organisation) as tx:
            asker = Asker(
                tx,
                keys_of(who.organisation, tx),
                notices.configuration(tx, who.organisation),
                who.key_id,
                to_micros(current.now()),
                current.settings().base_url,
            )
            return idempotency.answered(
                tx,
                organisation=who.organisation,
                caller_key_id=who.key_id,
                route="POST /v1/unsubscribe-links",
                body=body,
                now=current.now(),
                act=lambda: (HTTPStatus.CREATED, asker.answer(body)),
            )

    return once_more(act)
