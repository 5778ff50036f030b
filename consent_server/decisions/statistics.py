"""The door of the figures: how people answered on a site, by its organisation's key."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ..db import read
from ..ids import parse
from ..organisations import Scope, SiteInForce, caller, requires, sites_of
from ..problems import NotFound
from ..web import Door, current, limit
from .figures import figures, period
from .schemas import PeriodAsked, StatisticsOut

door = Door("statistics", __name__, description="How people answered; never who.")


@door.get("/v1/sites/<site>/statistics")
@requires(Scope.STATISTICS)
@door.takes_query(PeriodAsked)
@door.answers(HTTPStatus.OK, StatisticsOut)
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
def show_statistics(asked: dict[str, Any], site: str) -> dict[str, Any]:
    """Tell how many accepted, refused and chose, by day, language, layer and device."""
    limit("writes", caller().key_id)
    first, last = period(asked.get("since"), asked.get("until"), current.now().date())
    with read(caller().organisation) as tx:
        found = find(sites_of(tx, caller().organisation), site)
        if found is None:
            raise NotFound
        return figures(tx, found, first, last)


def find(sites: list[SiteInForce], name: str) -> SiteInForce | None:
    """Find one of an organisation's sites by id or slug."""
    number = parse("site", name)
    return next((one for one in sites if name == one.slug or one.id == number), None)
