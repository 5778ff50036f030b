"""The systems' door: pixels and links for a mailing, and what was counted of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ... import notices
from ...db import read, write
from ...organisations import Scope, caller, keys_of, look, requires
from ...problems import Unprocessable
from ...subjects.read import identify_all, region_of
from ...web import Door, Schema, current, fields, limit
from ..schemas import MOST_LINKS, LinkSubject
from .record import PURPOSES, told_of
from .tokens import CLICKED, OPENED, write_mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration

door = Door("tracking links", __name__, description="Opens and clicks, where they are allowed.")

_MOST_BYTES: Final = 8 * 1024 * 1024
_CAMPAIGN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


class OneMark(Schema):
    """For whom; with a target it is a link, without one a pixel."""

    subject = fields.Part(LinkSubject, required=True)
    target = fields.Text(least=8, most=1000)


class NewMarks(Schema):
    """Pixels and links for a campaign (`POST /v1/tracking-links`)."""

    campaign = fields.Text(least=1, most=64, pattern=_CAMPAIGN, required=True)
    links = fields.Items(fields.Part(OneMark), least=1, most=MOST_LINKS, required=True)


class MarkOut(Schema):
    """The address to put into the message."""

    url = fields.Text(required=True)


class MarksOut(Schema):
    """The addresses, in the order asked."""

    links = fields.Items(fields.Part(MarkOut), most=MOST_LINKS, required=True)


class CountedQuery(Schema):
    """From where to go on."""

    after = fields.PublicId("sub")


class DayOut(Schema):
    """What happened on a day (UTC)."""

    day = fields.Text(required=True)
    what = fields.Choice((OPENED, CLICKED), required=True)
    people = fields.Integer(required=True)
    times = fields.Integer(required=True)


class PersonOut(Schema):
    """How often somebody who allows it opened and clicked."""

    subject = fields.Text(required=True)
    opened = fields.Integer(required=True)
    clicked = fields.Integer(required=True)


class CountedOut(Schema):
    """What was counted of a campaign."""

    campaign = fields.Text(required=True)
    days = fields.Items(fields.Part(DayOut), required=True)
    people = fields.Items(fields.Part(PersonOut), required=True)
    next = fields.Text(allow_none=True, required=True)


@door.post("/v1/tracking-links")
@requires(Scope.LINKS)
@door.takes(NewMarks, most_bytes=_MOST_BYTES)
@door.answers(HTTPStatus.CREATED, MarksOut, description="The addresses, in order.")
def make_marks(body: dict[str, Any]) -> dict[str, Any]:
    """Give pixels and links that count only while the recipient allows it.

    Opens and clicks are purposes of their own, `email_open_tracking` and
    `email_click_tracking`, to be declared and consented to. A message that is out already
    counts nothing any more once the yes is taken back.
    """
    who = caller()
    limit("writes", who.key_id)
    with read(who.organisation) as tx:
        keys = keys_of(who.organisation, tx)
        configuration = notices.configuration(tx, who.organisation)
    return {
        "links": [
            _one(keys, configuration, each, body["campaign"], f"/links/{at}")
            for at, each in enumerate(body["links"])
        ]
    }


@door.get("/v1/tracking/<campaign>")
@requires(Scope.STATISTICS)
@door.takes_query(CountedQuery)
@door.answers(
    HTTPStatus.OK, CountedOut, description="What was counted; nothing, if nothing was."
)
def show_counted(query: dict[str, Any], campaign: str) -> dict[str, Any]:
    """Tell what was counted of a campaign: by day, and of whom, a thousand people a page."""
    organisation = caller().organisation
    with write(organisation) as tx:
        look(tx, "tracking.shown", "campaign")
        return told_of(tx, organisation, campaign, after=query.get("after") or 0)


def _one(
    keys: OrganisationKeys,
    configuration: Configuration,
    asked: Mapping[str, Any],
    campaign: str,
    pointer: str,
) -> dict[str, str]:
    target = asked.get("target")
    purpose = PURPOSES[CLICKED if target else OPENED]
    if configuration.purpose(purpose) is None:
        raise Unprocessable.at(pointer, f"declare a purpose {purpose} first: it needs a yes")
    if target is not None:
        _refuse_bad(target, f"{pointer}/target")
    places = [
        (f"{pointer}/subject/{kind}", kind, text, False)
        for kind, text in asked["subject"].items()
    ]
    given = identify_all(places, region=region_of(configuration))[0]
    token = write_mark(keys, given.kind, given.match, campaign, target)
    base = current.settings().base_url
    return {"url": f"{base}/c/{token}" if target else f"{base}/o/{token}.gif"}


def _refuse_bad(target: str, pointer: str) -> None:
    try:
        parts = urlsplit(target)
        fine = parts.scheme in {"https", "http"} and bool(parts.hostname) and not parts.username
    except ValueError:
        fine = False
    if not fine or not target.isascii() or not target.isprintable() or " " in target:
        fault = "give a whole address, https://…, percent-encoded, without a user's name"
        raise Unprocessable.at(pointer, fault)
