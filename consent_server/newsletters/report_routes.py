"""The door for what mail servers report: bounces and complaints, as they arrive."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import request
from werkzeug.http import parse_options_header

from .. import notices
from ..clock import to_micros
from ..db import write
from ..organisations import Scope, caller, keys_of, log_of, requires
from ..problems import Unprocessable, UnsupportedMedia
from ..subjects.suppress import Suppressor
from ..web import Door, Schema, current, fields, limit
from ..web.read import read_bytes
from .reported import act_on
from .reports import MOST_BYTES, UnreadableReport, read_report

if TYPE_CHECKING:
    from .reports import Report

door = Door("reports", __name__, description="What mail servers report.")
_MESSAGE: Final = "message/rfc822"
_ALONE: Final = "multipart/report"


class Reported(Schema):
    """What a report led to; it names nobody."""

    kind = fields.Choice(("bounced", "complained", "other"), required=True)
    added = fields.Integer(required=True)
    standing = fields.Integer(
        required=True, metadata={"description": "How many were suppressed already."}
    )
    passed_over = fields.Integer(
        required=True,
        metadata={"description": "Recipients named to whom nothing final happened."},
    )


@door.post("/v1/suppressions/reports")
@requires(Scope.SUPPRESS)
@door.reads(_MESSAGE, _ALONE)
@door.answers(HTTPStatus.OK, Reported, description="What it led to.")
@door.refuses(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
def take_report() -> dict[str, Any]:
    """Take a bounce (RFC 3464) or a complaint (RFC 5965), the whole message as it arrived.

    A mailbox that does not exist is written to no more; who complained gets no marketing;
    a delay, a full mailbox or a refusal of the message changes nothing.
    """
    organisation = caller().organisation
    # A withdrawal is never refused by a quota.
    limit("writes", caller().key_id, refuse=False)
    report = _read()
    with write(organisation) as tx:
        suppressor = Suppressor(
            tx,
            keys_of(organisation, tx),
            notices.configuration(tx, organisation),
            log_of(tx, organisation),
            to_micros(current.now()),
            by=caller().key_id,
        )
        said = act_on(suppressor, report)
        suppressor.keep()
    return said


def _read() -> Report:
    told = request.environ.get("CONTENT_TYPE", "")
    media, _ = parse_options_header(told)
    if media.lower() not in {_MESSAGE, _ALONE}:
        raise UnsupportedMedia(
            f"send the message as {_MESSAGE}, or its {_ALONE} alone",
            headers={"Accept-Post": f"{_MESSAGE}, {_ALONE}"},
        )
    raw = read_bytes(request, MOST_BYTES)
    if media.lower() == _ALONE:
        raw = b"Content-Type: %b\r\n\r\n%b" % (told.encode("latin-1", "replace"), raw)
    try:
        return read_report(raw)
    except UnreadableReport as error:
        raise Unprocessable(str(error)) from error
