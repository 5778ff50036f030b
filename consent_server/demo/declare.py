"""The two organisations: put in force, given a key, and described for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from .. import notices, organisations
from ..db import read, to_json, write
from ..ids import new_id, public
from ..organisations import NewKey, Scope
from ..organisations.document import OrganisationDocument, parse_document
from ..problems import RefusedToStart
from .play import Organisation
from .setting import SETTINGS, Setting, document_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..config import Settings
    from ..notices.values import Configuration, VersionShown

ACTOR: Final = "demonstration"
_KEY_NAME: Final = "demonstration"


def origins(settings: Settings) -> dict[str, str]:
    """Tell where each organisation's website is: one port after the server's, then two."""
    return {
        setting.slug: f"http://{setting.slug}.localhost:{settings.port + place}"
        for place, setting in enumerate(SETTINGS, 1)
    }


def find(slug: str) -> int | None:
    """Find a demonstration organisation that is there already."""
    with read() as tx:
        return organisations.find(tx, slug)


def apply(setting: Setting, *, origin: str, earlier: bool, now: datetime) -> None:
    """Put an organisation's file in force, as it is now or as it was earlier."""
    _apply(document_of(setting, origin=origin, earlier=earlier), now)


def move_site(slug: str, *, old: str, new: str, now: datetime) -> None:
    """Declare that a site is served from another port; all else stays as it was left."""
    number = _found(slug)
    with read(number) as tx:
        told = notices.document_of(tx, number)
    moved = json.loads(to_json(told).replace(old, new))
    _apply(parse_document(moved), now)


def _apply(document: OrganisationDocument, now: datetime) -> None:
    known = find(document.organisation.slug)
    with write(known or new_id()) as tx:
        notices.apply_document(tx, document, actor=ACTOR, now=now)


def make_key(slug: str, now: datetime) -> str:
    """Make the key with every scope; one that a broken load left behind is closed."""
    number = _found(slug)
    with write(number) as tx:
        for kept in organisations.keys_listed(tx, number):
            if kept["name"] == _KEY_NAME and kept["revoked_at"] is None:
                organisations.revoke_key(tx, number, kept["id"], actor=ACTOR, now=now)
        wanted = NewKey(name=_KEY_NAME, scopes=frozenset(Scope) - {Scope.HOST})
        text, _ = organisations.create_key(tx, number, wanted, maker=None, now=now)
    return text


def doors_of(slug: str, api_key: str) -> Organisation:
    """Tell where an organisation's doors are now."""
    number = _found(slug)
    with read(number) as tx:
        (site, *_) = organisations.sites_of(tx, number)
        versions = {
            notice.slug: public("ntv", shown.id)
            for notice in notices.notices(tx, number)
            if (shown := notices.current(tx, number, notice.id)) is not None
        }
    return Organisation(public("site", site.id), min(site.origins), api_key, versions)


def describe(slug: str, api_key: str) -> dict[str, Any]:
    """Describe an organisation as `demo.json` has it."""
    number = _found(slug)
    with read(number) as tx:
        configuration = notices.configuration(tx, number)
        sites = organisations.sites_of(tx, number)
        banner = notices.banner_of(tx, number, sites[0].id)
        forms = [
            shown
            for shown in (notices.current(tx, number, each) for each in configuration.current)
            if shown is not None and shown.surface == "form"
        ]
    by_channel = _by_consent(configuration, "prospecting")
    newsletter = _by_consent(configuration, "newsletter")["email"]
    return {
        "id": public("org", number),
        "name": str(configuration.settings["organisation"]["name"]),
        "api_key": api_key,
        "sites": [
            {"id": public("site", site.id), "origin": min(site.origins)} for site in sites
        ],
        "newsletter_purpose": newsletter,
        "prospecting_purpose": by_channel["email"],
        "prospecting_purposes": {
            channel: by_channel[channel] for channel in ("email", "phone")
        },
        "tracker_purposes": _asked(configuration, banner),
        "form_notice_version": _covering(configuration, forms, newsletter, by_channel),
    }


def _by_consent(configuration: Configuration, kind: str) -> dict[str, str]:
    """Give the first purpose of a kind that rests on consent, for each channel."""
    found: dict[str, str] = {}
    for purpose in configuration.purposes.values():
        if purpose.kind == kind and purpose.basis == "consent":
            found.setdefault(purpose.channel, purpose.slug)
    return found


def _asked(configuration: Configuration, banner: VersionShown | None) -> list[str]:
    if banner is None:
        return []
    purposes = [configuration.purposes[number] for number in banner.purposes]
    return [purpose.slug for purpose in purposes if not purpose.exempt]


def _covering(
    configuration: Configuration,
    forms: list[VersionShown],
    newsletter: str,
    by_channel: Mapping[str, str],
) -> str:
    wanted = {configuration.slugs[slug] for slug in (newsletter, *by_channel.values())}
    for shown in forms:
        if wanted <= set(shown.purposes):
            return public("ntv", shown.id)
    raise RefusedToStart("no form of the demonstration asks for the letter and the offers")


def _found(slug: str) -> int:
    number = find(slug)
    if number is None:
        raise RefusedToStart(f"the demonstration organisation {slug} is not there")
    return number
