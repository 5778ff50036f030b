"""What a site's banner is made of now: found once, for the routes and the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..db import read
from ..notices import banner_of, configuration
from ..organisations import find_site
from ..problems import NotFound
from .compose import Made
from .head import head_line
from .present import experience, language_of
from .strict import strict_code

if TYPE_CHECKING:
    from ..notices import Configuration, VersionShown
    from ..organisations import SiteInForce
    from .head import HeadLine
    from .strict import Strict


def in_force(name: str) -> tuple[SiteInForce, Configuration, VersionShown]:
    """Give a site, its organisation's configuration and the version its banner shows."""
    site = find_site(None, name)
    if site is None:
        raise NotFound
    with read(site.organisation) as tx:
        found = configuration(tx, site.organisation)
        shown = banner_of(tx, site.organisation, site.id)
    if shown is None:
        raise NotFound
    return site, found, shown


def made_of(
    site: SiteInForce, found: Configuration, shown: VersionShown, language: str
) -> Made:
    """Say what a site's script is made of in one language."""
    told = experience(found, site, shown, language)
    return Made(told, shown.body, shown.body.get("tags", {}).get(site.slug, {}))


def strict_of(name: str) -> Strict:
    """Give the code that a site's banner is made of now, or raise `NotFound`."""
    site, found, shown = in_force(name)
    return strict_code(made_of(site, found, shown, language_of(shown, "")))


def head_of(name: str) -> HeadLine | None:
    """Give the line for the head of a site's pages, if it has a use for one."""
    site, found, shown = in_force(name)
    return head_line(made_of(site, found, shown, language_of(shown, "")), site.origins)
