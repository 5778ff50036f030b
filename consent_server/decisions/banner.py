"""The banner's door: a visitor's choice, from exactly the site's own pages, without a key."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from flask import g, request

from ..db import Sql, read
from ..organisations import SiteInForce, find_site, keys_of
from ..problems import NotFound, TooMany
from ..web import Door, limit, privacy_control
from ..web.swift import refuse_failed
from .schemas import BannerDecision, DecisionWritten
from .tally import answered, tally
from .visit import RATE, Visit, asker, record, said_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask.typing import ResponseReturnValue

door = Door("banner", __name__, description="What a site's own pages call.")

_HELD: Final = Sql(
    "SELECT 1 FROM identifier WHERE organisation_id = :organisation AND kind = 'visitor'"
    " AND hash = :hash AND closed_at IS NULL"
)


def origins_of(site_id: str) -> Collection[str]:
    """Give the origins whose pages may call for a site; `site_asked` gives the site then."""
    site = find_site(None, site_id)
    if site is None:
        raise NotFound
    g.consent_site = site
    return site.origins


def site_asked() -> SiteInForce:
    """Give the site of this request, found when its page's origin was looked at."""
    return cast("SiteInForce", g.consent_site)


@door.post("/v1/sites/<site_id>/decisions")
@door.open_to(origins_of)
@door.takes(BannerDecision)
@door.answers(HTTPStatus.CREATED, DecisionWritten, description="The receipt.")
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
def decide(body: dict[str, Any], site_id: str) -> ResponseReturnValue:
    """Record a visitor's choice; the id the browser made makes a retry harmless, for good."""
    site = site_asked()
    gpc = privacy_control(request.environ)
    visit = Visit.of(site, keys_of(site.organisation), body, gpc=gpc)
    _count(visit, asker(site, request.environ))
    # What a door in front of us has tried already is not tried again.
    refuse_failed(request.environ)
    written = record(visit)
    if not written.replayed:
        agent = request.environ.get("HTTP_USER_AGENT", "")
        tally(site, answered(body["action"], agent))
    return said_of(written)


def _count(visit: Visit, asking: str) -> None:
    """Count against the network it comes from; who is known here may always say no.

    A no of somebody never seen withdraws nothing: it is refused like any other body, or the
    table would grow at a stranger's wish.
    """
    try:
        limit(RATE, asking)
    except TooMany:
        if "granted" in visit.body["choices"].values() or not _known(visit):
            raise


def _known(visit: Visit) -> bool:
    organisation = visit.site.organisation
    with read(organisation) as tx:
        values = {"organisation": organisation}
        return any(tx.run(_HELD, {**values, "hash": each}) for each in visit.asked.hashes)
