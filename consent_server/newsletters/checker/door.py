"""The door of the checker: a message in, what is wrong with it out; nothing is kept."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, request
from werkzeug.http import parse_options_header

from ...mail.records import Record, UnreadableRecords, read_records
from ...organisations import Scope, caller, requires
from ...permissions.asked import note_asking
from ...permissions.door import RATE
from ...problems import Unprocessable, UnsupportedMedia
from ...web import Door, Schema, current, fields, limit
from ...web.read import read_bytes
from .check import check
from .letter import MOST_BYTES, UnreadableLetter
from .rules import ERROR, WARNING

if TYPE_CHECKING:
    from collections.abc import Mapping

door = Door("tools", __name__, description="Tools for those who send.")
_MESSAGE: Final = "message/rfc822"


class Said(Schema):
    """One thing in each of our languages."""

    en = fields.Text(required=True)
    fr = fields.Text(required=True)


class FindingOut(Schema):
    """One thing that is wrong, where, and how to mend it."""

    code = fields.Text(required=True)
    severity = fields.Choice((ERROR, WARNING), required=True)
    where = fields.Text(required=True)
    detail = fields.Part(Said, required=True)
    mend = fields.Part(Said, required=True)


class CheckQuery(Schema):
    """The signing domain's record: public, and the only thing about a message in an address."""

    dkim_record = fields.Text(least=3, most=2000)


class CheckOut(Schema):
    """Whether a message is fit to send, and everything that was found."""

    fit = fields.Flag(required=True)
    findings = fields.Items(fields.Part(FindingOut), required=True)


@door.post("/v1/tools/check-message")
@requires(Scope.LOOKUP)
@door.reads(_MESSAGE)
@door.takes_query(CheckQuery)
@door.answers(HTTPStatus.OK, CheckOut, description="What was found.")
@door.refuses(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
def check_message(query: dict[str, Any]) -> dict[str, Any]:
    """Tell whether a message is fit to send: the whole of it, signed, as it would leave.

    Both headers of RFC 8058, their signature, a link in the body, a link that is the
    recipient's, no pixel for whoever has not allowed one. With the public key's record
    (`dkim_record`, as it is published) the signature itself is checked; nothing is fetched.
    """
    who = caller()
    limit(RATE, who.key_id)
    records = _records(query.get("dkim_record", ""))
    app = current_app._get_current_object()  # type: ignore[attr-defined] # Flask's own word

    def asked(said: Mapping[str, Any]) -> None:
        note_asking(app, who, said, current.now())

    media, _ = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    if media.lower() != _MESSAGE:
        raise UnsupportedMedia(
            f"send the message as {_MESSAGE}", headers={"Accept-Post": _MESSAGE}
        )
    try:
        raw = read_bytes(request, MOST_BYTES)
        return check(who.organisation, raw, asked=asked, records=records).as_json()
    except UnreadableLetter as error:
        raise Unprocessable(str(error)) from error


def _records(text: str) -> list[Record]:
    try:
        return read_records(text)
    except UnreadableRecords as error:
        raise Unprocessable.at("/dkim_record", str(error)) from None
