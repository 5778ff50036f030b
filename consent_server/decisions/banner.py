"""The banner's door: a visitor's choice, from exactly the site's own pages, without a key."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import g, request

from ..organisations import SiteInForce, find_site, keys_of
from ..problems import NotFound
from ..subjects import identify
from ..web import Door, client_prefix, limit, privacy_control
from ..web.swift import refuse_failed
from .own_record import own_record
from .schemas import BannerDecision, DecisionWritten, RecordAsked, RecordOut
from .tally import answered, tally
from .visit import RATE, Visit, asker, record, said_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask.typing import ResponseReturnValue

door = Door("banner", __name__, description="What a site's own pages call.")


def _origins(site_id: str) -> Collection[str]:
    g.consent_site = _site(site_id)
    return cast("SiteInForce", g.consent_site).origins


def _site(site_id: str) -> SiteInForce:
    site = find_site(None, site_id)
    if site is None:
        raise NotFound
    return site


@door.post("/v1/sites/<site_id>/decisions")
@door.open_to(_origins)
@door.takes(BannerDecision)
@door.answers(HTTPStatus.CREATED, DecisionWritten, description="The receipt.")
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
def decide(body: dict[str, Any], site_id: str) -> ResponseReturnValue:
    """Record a visitor's choice; the id the browser made makes a retry harmless, for good."""
    # Found when the page's origin was looked at; `site_id` is its name.
    site = cast("SiteInForce", g.consent_site)
    limit(RATE, asker(site, request.environ))
    # What a door in front of us has tried already is not tried again.
    refuse_failed(request.environ)
    gpc = privacy_control(request.environ)
    written = record(Visit.of(site, keys_of(site.organisation), body, gpc=gpc))
    if not written.replayed:
        agent = request.environ.get("HTTP_USER_AGENT", "")
        tally(site, answered(body["action"], agent))
    return said_of(written)


@door.post("/v1/sites/<site_id>/record")
@door.open_to(_origins)
@door.takes(RecordAsked)
@door.answers(HTTPStatus.OK, RecordOut, description="Every answer, newest first.")
@door.refuses(HTTPStatus.NOT_FOUND)
def show_record(body: dict[str, Any], site_id: str) -> ResponseReturnValue:
    """Show a visitor their own record on this site; an unknown id has an empty one."""
    site = _site(site_id)
    limit("pages", f"record|{site.id}|{client_prefix()}")
    visitor = identify("visitor", body["visitor"], region="")
    whole = body["do"] == "export"
    headers = {"Cache-Control": "no-store"}
    if whole:
        headers["Content-Disposition"] = 'attachment; filename="consent-record.json"'
    return own_record(site, visitor, whole=whole), headers
