"""The systems' door: links to people's preference centres, for the organisation's own mails."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from marshmallow import ValidationError, validates_schema

from ... import notices
from ...clock import rfc3339
from ...db import read
from ...organisations import Scope, caller, keys_of, requires
from ...subjects.read import identify_all, region_of
from ...web import Door, Schema, current, fields, limit
from ..schemas import MOST_LINKS, LinkSubject
from .tokens import LINK_DAYS, write_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...keyring import OrganisationKeys

door = Door("preference links", __name__, description="The page of a person's choices.")

_MOST_BYTES: Final = 8 * 1024 * 1024


class OnePreferenceLink(Schema):
    """For whom; the page is that of the first identifier."""

    subject = fields.Part(LinkSubject, required=True)


class NewPreferenceLinks(Schema):
    """One link, or a list of them (`POST /v1/preference-links`)."""

    subject = fields.Part(LinkSubject)
    links = fields.Items(fields.Part(OnePreferenceLink), least=1, most=MOST_LINKS)

    @validates_schema
    def be_one_or_many(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a body that is neither, or both."""
        if len(data.keys() & {"subject", "links"}) != 1:
            raise ValidationError("Give subject, or links.")


class PreferenceLinkOut(Schema):
    """A link, and until when it opens the page."""

    url = fields.Text()
    expires_at = fields.Instant()


class PreferenceLinksOut(PreferenceLinkOut):
    """A link; or, for a list, the links in the order asked."""

    links = fields.Items(fields.Part(PreferenceLinkOut), most=MOST_LINKS)


@door.post("/v1/preference-links")
@requires(Scope.LINKS)
@door.takes(NewPreferenceLinks, most_bytes=_MOST_BYTES)
@door.answers(HTTPStatus.CREATED, PreferenceLinksOut, description="The link, or the links.")
def make_preference_links(body: dict[str, Any]) -> dict[str, Any]:
    """Give links to the pages on which people see and change their choices; for thirty days.

    Nothing is written: an unknown address stays unknown, and its page says so.
    """
    who = caller()
    limit("writes", who.key_id)
    with read(who.organisation) as tx:
        keys = keys_of(who.organisation, tx)
        region = region_of(notices.configuration(tx, who.organisation))
    if "links" not in body:
        return _one(keys, body["subject"], region, "")
    return {
        "links": [
            _one(keys, each["subject"], region, f"/links/{at}")
            for at, each in enumerate(body["links"])
        ]
    }


def _one(
    keys: OrganisationKeys, subject: Mapping[str, str], region: str, pointer: str
) -> dict[str, Any]:
    places = [
        (f"{pointer}/subject/{kind}", kind, text, False) for kind, text in subject.items()
    ]
    given = identify_all(places, region=region)[0]  # type: ignore[arg-type] # by the schema
    token = write_token(keys, given.kind, given.match)
    until = current.now() + timedelta(days=LINK_DAYS)
    return {"url": f"{current.settings().base_url}/p/{token}", "expires_at": rfc3339(until)}
