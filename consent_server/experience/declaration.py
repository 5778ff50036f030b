"""The cookie declaration of a site: its trackers as a table, always as they are now.

A page of its own for people without JavaScript, and the same without a frame around it for
the site's privacy page to show in an `<iframe>`; nothing in it is per visitor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from ..db import read
from ..notices import banner_of, configuration
from ..notices.periods import country_said, period_said
from ..organisations import declared, find_site
from ..problems import NotFound
from ..web import Door, choose_language, render_page
from ..web.pages import CSP, PUBLIC
from .present import experience, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..organisations import SiteInForce

door = Door("declaration", __name__, description="What a site's trackers are, in a table.")

_EMBEDDED: Final = "1"
_SESSION: Final = "session"


@door.page("/n/<site>/trackers")
def show_declaration(site: str) -> Response:
    """Show the trackers of a site in the reader's language, as they are in force now."""
    found = find_site(None, site)
    if found is None:
        raise NotFound
    with read(found.organisation) as tx:
        now = configuration(tx, found.organisation)
        shown = banner_of(tx, found.organisation, found.id)
        own = declared(tx, found.organisation)
    if shown is None or own is None:
        raise NotFound
    tongues = list(shown.languages)
    tongues += sorted(tongue for tongue in shown.body["built_in"] if tongue not in tongues)
    language = language_of(shown, choose_language(tongues, ""))
    told = experience(now, found, shown, language)
    words: Mapping[str, str] = told["words"]
    response = render_page(
        "experience/declaration.html",
        language=language,
        cache=PUBLIC,
        languages=shown.languages,
        title=words["trackers"],
        name=found.name,
        told=told,
        words=words,
        home=_home(found, own.body),
        embedded=request.args.get("embedded") == _EMBEDDED,
        country=lambda code: country_said(code, language),
        lifetime=_lifetimes(words, language),
    )
    framing = f"frame-ancestors {' '.join(sorted(found.origins))}"
    policy = CSP.replace("frame-ancestors 'none'", framing)
    response.headers["Content-Security-Policy"] = policy
    # For browsers that know no frame-ancestors; the others follow that alone.
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _home(site: SiteInForce, body: Mapping[str, Any]) -> str | None:
    """Give the first address that the organisation names for the site."""
    for each in body["sites"]:
        if each["slug"] == site.slug and each["origins"]:
            return f"{each['origins'][0]}/"
    return None


def _lifetimes(words: Mapping[str, str], language: str) -> Callable[[str], str]:
    return lambda text: (
        words["lifetime_session"] if text == _SESSION else period_said(text, language)
    )
