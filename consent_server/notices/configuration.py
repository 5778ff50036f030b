"""The configuration in force: read once per version, or as of a past moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from flask import current_app

from ..db import Sql, as_json
from ..ids import public
from ..organisations import changing, declared, site_ids, version_of
from ..problems import NotFound
from .catalogue import catalogue
from .values import Configuration, Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from ..db import Transaction

_FLOORS: Final = Sql(
    "SELECT notice_id, purpose_id, MAX(number) FROM floor"
    " WHERE organisation_id = :organisation AND recorded_at <= :at"
    " GROUP BY notice_id, purpose_id"
)
_CURRENT: Final = Sql(
    "SELECT n.id, n.slug, n.surface, n.site_id, v.id FROM notice n"
    " JOIN notice_version v ON v.organisation_id = n.organisation_id AND v.notice_id = n.id"
    " WHERE n.organisation_id = :organisation AND v.recorded_at <= :at"
    " AND v.number = (SELECT MAX(w.number) FROM notice_version w"
    "   WHERE w.organisation_id = n.organisation_id AND w.notice_id = n.id"
    "   AND w.recorded_at <= :at)"
)
_BODY: Final = Sql(
    "SELECT body FROM notice_version WHERE organisation_id = :organisation AND id = :version"
)
_KEPT: Final = "consent.configurations"
_ALWAYS: Final = (1 << 63) - 1
_NAMED: Final = (
    "id", "slug", "kind", "basis", "channel", "family", "validity", "proof_period",
    "assertion", "title", "text",
)  # fmt: skip


def configuration(
    tx: Transaction, organisation: int, *, at: int | None = None, version: int | None = None
) -> Configuration:
    """Give what is in force now, or was at a past moment (`at` in microseconds).

    `version`, when the caller has just read it, saves the query that asks whether what is
    kept in memory is still in force.
    """
    if at is not None:
        return read_configuration(tx, organisation, at=at)
    kept = _kept().get(organisation)
    if kept is not None and kept.version == version:
        return kept
    known = version_of(tx, organisation)
    if known is None:
        raise NotFound
    if kept is not None and kept.version == known:
        return kept
    found = read_configuration(tx, organisation, version=known)
    # A change that is not committed yet may be rolled back: nobody else must see it.
    if not changing(tx):
        _kept()[organisation] = found
    return found


def configuration_kept(app: Flask, organisation: int, version: int) -> Configuration | None:
    """Give what is kept in memory, if it is this very version; asks the database nothing."""
    kept: Configuration | None = app.extensions.get(_KEPT, {}).get(organisation)
    return kept if kept is not None and kept.version == version else None


def read_configuration(
    tx: Transaction, organisation: int, *, at: int | None = None, version: int = 0
) -> Configuration:
    """Read what is in force from the database, whatever is kept in memory."""
    own = declared(tx, organisation, at=at)
    settings: Mapping[str, Any] = own.body if own else {}
    named = catalogue(tx, organisation, at=at)
    purposes = {item["id"]: _purpose(item) for item in named.purposes}
    values = {"organisation": organisation, "at": _ALWAYS if at is None else at}
    floors = {
        (int(notice), int(purpose)): int(number)
        for notice, purpose, number in tx.run(_FLOORS, values)
    }
    shown = _shown(tx, settings, values)
    found = Configuration(
        organisation=organisation,
        version=version,
        settings=settings,
        purposes=purposes,
        slugs=_names(purposes),
        trackers=tuple(named.trackers),
        floors=floors,
        current={notice: row[3] for notice, row in shown.items()},
        banners=_banners(settings, site_ids(tx, organisation), shown),
    )
    return replace(found, devices=_saying_devices(tx, found, shown))


def _saying_devices(
    tx: Transaction, found: Configuration, shown: Mapping[int, _Shown]
) -> frozenset[int]:
    """Tell which banners in force say the organisation's own rule for several devices.

    Another rule than the one people were told is none.
    """
    if found.device_conflict == "off":
        return frozenset()
    banners = {notice: row[3] for notice, row in shown.items() if row[1] == "banner"}
    return frozenset(
        notice
        for notice, version in banners.items()
        for (body,) in tx.run(_BODY, {"organisation": found.organisation, "version": version})
        if (as_json(body)["scope"] or {}).get("devices") == found.device_conflict
    )


def _kept() -> dict[int, Configuration]:
    return cast(
        "dict[int, Configuration]",
        current_app.extensions.setdefault(_KEPT, {}),
    )


def _purpose(item: Mapping[str, Any]) -> Purpose:
    return Purpose(**{name: item[name] for name in _NAMED}, declared=item)


def _names(purposes: Mapping[int, Purpose]) -> dict[str, int]:
    names = {public("pur", number): number for number in purposes}
    # A slug that looks like another purpose's id must not hide it.
    return {purpose.slug: number for number, purpose in purposes.items()} | names


_Shown = tuple[str, str, int | None, int]


def _shown(
    tx: Transaction, settings: Mapping[str, Any], values: Mapping[str, int]
) -> dict[int, _Shown]:
    """Give each notice still declared, with its version in force."""
    in_force = set(settings.get("notices", ()))
    return {
        int(notice): (slug, surface, site, int(version))
        for notice, slug, surface, site, version in tx.run(_CURRENT, values)
        if slug in in_force
    }


def _banners(
    settings: Mapping[str, Any], ids: Mapping[str, int], shown: Mapping[int, _Shown]
) -> dict[int, int]:
    """Tell which banner each site shows: its own, or that of a site with the same scope."""
    sites = [site for site in settings.get("sites", ()) if site["slug"] in ids]
    scopes = {ids[site["slug"]]: site["scope"] for site in sites}
    by_scope = {
        scopes[site]: version
        for _, surface, site, version in shown.values()
        if surface == "banner" and site in scopes
    }
    return {site: by_scope[scope] for site, scope in scopes.items() if scope in by_scope}
