"""The cookie declaration of a site: its trackers as a table, always as they are now.

A page of its own for people without JavaScript, the same without a frame around it for the
site's privacy page to show in an `<iframe>`, and a script that writes the tables into that
page itself; nothing in it is per visitor.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from ..db import read
from ..notices import banner_of, configuration
from ..notices.built_in import WIDGET
from ..notices.periods import country_said, period_said
from ..organisations import declared, find_site
from ..problems import NotFound
from ..web import Door, choose_language, render_page
from ..web.assets import Asset
from ..web.pages import CSP, PUBLIC
from .layers import RIGHT_TO_LEFT
from .now import in_force
from .present import experience, language_of
from .script import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..notices import VersionShown
    from ..organisations import SiteInForce

door = Door("declaration", __name__, description="What a site's trackers are, in a table.")

_EMBEDDED: Final = "1"
_SESSION: Final = "session"
_SCRIPT: Final = "text/javascript; charset=utf-8"
_SHARED: Final = "public, max-age=300"
# Chosen by what this browser accepts: no shared cache may hand it to another.
_OWN: Final = "private, max-age=300"


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
    language = language_of(shown, choose_language(_tongues(shown), ""))
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


@door.page("/w/<string(length=18):site>.trackers.js")
def show_declaration_script(site: str) -> Response:
    """Give the same tables to a page of the site, in its language and its own looks."""
    found, now, shown = in_force(site)
    wanted = request.args.get("lang")
    language = language_of(
        shown, choose_language(_tongues(shown), "") if wanted is None else wanted
    )
    told = experience(now, found, shown, language)
    code = f"({_code()})({literal(_declared(told, language))})\n"
    response = Asset(code.encode(), _SCRIPT).response(
        cache_control=_OWN if wanted is None else _SHARED
    )
    if wanted is None:
        response.vary.add("Accept-Language")
    response.headers["Content-Language"] = language
    # Pages of the site embed it; that is what it is for.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@cache
def _code() -> str:
    return (WIDGET / "declaration.js").read_text("utf-8")


def _declared(told: Mapping[str, Any], language: str) -> dict[str, Any]:
    words = told["words"]
    columns = ("trackers", "provider", "country", "safeguard", "cookies")
    said = {
        "lang": language,
        "dir": "rtl" if language in RIGHT_TO_LEFT else None,
        "words": {
            "manage": words["manage"],
            "privacy": words["privacy"],
            "always": words["always_on"],
        },
        "heads": [words[column] for column in columns],
        "purposes": [_purpose(one, told, language) for one in told["purposes"]],
        "privacy": told["privacy_url"],
        "contact": f"{words['contact']} {told['contact']}",
    }
    return {name: value for name, value in said.items() if value is not None}


def _purpose(
    purpose: Mapping[str, Any], told: Mapping[str, Any], language: str
) -> dict[str, Any]:
    rows = [
        _row(tracker, told["words"], language)
        for tracker in told["trackers"]
        if tracker["id"] in purpose["trackers"]
    ]
    said = {
        "title": purpose["title"],
        "text": purpose["text"],
        "lang": purpose.get("lang"),
        "exempt": purpose["exempt"] or None,
        "rows": rows,
    }
    return {name: value for name, value in said.items() if value is not None}


def _row(
    tracker: Mapping[str, Any], words: Mapping[str, str], language: str
) -> list[list[Any]]:
    """Write a tracker as the cells of a row, each a list of lines."""
    reason, safeguard = tracker["exemption_reason"], tracker["safeguard"]
    lifetime = _lifetimes(words, language)
    name = [tracker["name"], *([words.get(f"exempt_{reason}", reason)] if reason else [])]
    policy = {"text": words["privacy"], "href": tracker["privacy_url"]}
    return [
        name,
        [tracker["provider"], *([policy] if tracker["privacy_url"] else [])],
        [country_said(tracker["country"], language)],
        [words.get(f"safeguard_{safeguard}", safeguard)] if safeguard else [],
        [
            line
            for cookie in tracker["cookies"]
            for line in ({"text": cookie["name"]}, lifetime(cookie["lifetime"]))
        ],
    ]


def _tongues(shown: VersionShown) -> list[str]:
    own = list(shown.languages)
    return own + sorted(tongue for tongue in shown.body["built_in"] if tongue not in own)


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
