"""Sites: their ids never change, their names and origins stand in the declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, Transaction, read
from ..ids import new_id, parse, public
from .declare import declared
from .kept import Kept
from .models import Site, SiteDirectory
from .values import SiteInForce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

_OWNER: Final = Sql("SELECT organisation_id FROM site_directory WHERE site_id = :site")
_IDS: Final = Sql("SELECT slug, id FROM site WHERE organisation_id = :organisation")
_kept: Final = Kept[SiteInForce]("site")


def keep_in_step(
    tx: Transaction, organisation: int, body: Mapping[str, Any], *, now: int
) -> None:
    """Give an id to every declared site that has none; a site once named keeps its id."""
    known = site_ids(tx, organisation)
    for slug in (site["slug"] for site in body.get("sites", ()) if site["slug"] not in known):
        number = new_id()
        tx.session.add(SiteDirectory(site_id=number, organisation_id=organisation))
        tx.session.add(
            Site(organisation_id=organisation, id=number, slug=slug, recorded_at=now)
        )
    tx.session.flush()
    _kept.forget()


def site_ids(tx: Transaction, organisation: int) -> dict[str, int]:
    """Give the id of every site this organisation ever declared, by slug."""
    return {slug: int(number) for slug, number in tx.run(_IDS, {"organisation": organisation})}


def sites_of(tx: Transaction, organisation: int) -> list[SiteInForce]:
    """List the sites in force, in the order they are declared."""
    found = declared(tx, organisation)
    if found is None:
        return []
    known = site_ids(tx, organisation)
    return [_in_force(organisation, known[site["slug"]], site) for site in found.body["sites"]]


def site_said(site: SiteInForce) -> dict[str, Any]:
    """Say a site as the command line shows it."""
    return {
        "id": public("site", site.id),
        "slug": site.slug,
        "name": site.name,
        "origins": sorted(site.origins),
        "scope": site.scope,
    }


def find_site(tx: Transaction | None, public_id: str) -> SiteInForce | None:
    """Find a site by its public id, at most a second old; None if it is not declared now."""
    number = parse("site", public_id)
    if number is None:
        return None
    return _kept.get(number, lambda: _find(tx, number))


def site_kept(app: Flask, public_id: str) -> SiteInForce | None:
    """Give a site if it was read within the last second."""
    number = parse("site", public_id)
    return None if number is None else _kept.fresh(app, number)


def _find(tx: Transaction | None, number: int) -> SiteInForce | None:
    if tx is None:
        with read() as own:
            return _find(own, number)
    rows = tx.run(_OWNER, {"site": number})
    if not rows:
        return None
    organisation = int(rows[0][0])
    if tx.organisation == organisation:
        return _pick(sites_of(tx, organisation), number)
    with read(organisation) as behind:
        return _pick(sites_of(behind, organisation), number)


def _pick(sites: list[SiteInForce], number: int) -> SiteInForce | None:
    return next((site for site in sites if site.id == number), None)


def _in_force(organisation: int, number: int, site: Mapping[str, Any]) -> SiteInForce:
    return SiteInForce(
        organisation=organisation,
        id=number,
        slug=site["slug"],
        name=site["name"],
        origins=frozenset(site["origins"]),
        scope=site["scope"],
        statistics=(site.get("banner") or {}).get("statistics", True),
    )
