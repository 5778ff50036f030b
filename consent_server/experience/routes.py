"""The room's door: the banner of a site, and its configuration alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, current_app, request

from ..decisions import DOWNLOAD, tally
from ..ids import public
from ..organisations import find_site
from ..problems import NotFound
from ..web import Door
from ..web import choose_language as accepted_language
from ..web.assets import Asset
from . import schemas
from .assemble import assembled
from .embed import said
from .head import head_line
from .now import in_force, made_of, strict_of
from .present import language_of
from .record import record_script
from .strict import strict_configuration

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..notices import Configuration, VersionShown
    from ..organisations import SiteInForce
    from .compose import Made
    from .strict import Strict

door = Door("experience", __name__, description="What a site's visitors are shown.")

_SHARED: Final = "public, max-age=300"
# Chosen by what this browser accepts: no shared cache may hand it to another.
_OWN: Final = "private, max-age=300"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_SCRIPT: Final = "text/javascript; charset=utf-8"
_JSON: Final = "application/json"


# A site's id and the name of the code: as long as they are, so that neither is taken for
# the plain script's.
_STRICT: Final = "<string(length=18):site>.<string(length=16):digest>"


def _origins(site: str, **_: str) -> Collection[str]:
    found = find_site(None, site)
    return found.origins if found else frozenset()


@door.get("/v1/sites/<site>/experience")
@door.open_to(_origins)
@door.takes_query(schemas.LanguageAsked)
@door.answers(HTTPStatus.OK, schemas.ExperienceShown)
@door.refuses(404)
def show_experience(asked: dict[str, Any], site: str) -> Response:
    """Give the banner's configuration: purposes, trackers, words, floors. Cacheable."""
    return _answer("experience", site, asked.get("lang"))


@door.get("/w/<site>.js")
@door.takes_query(schemas.LanguageAsked)
@door.answers(HTTPStatus.OK, media="text/javascript")
@door.refuses(404)
def show_script(asked: dict[str, Any], site: str) -> Response:
    """Give the banner: code, configuration and words in one cacheable response."""
    response = _answer("script", site, asked.get("lang"))
    found = find_site(None, site)
    if found is not None and request.method == "GET":
        tally(found, DOWNLOAD)
    # Other people's pages embed it; that is what it is for.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@door.page("/w/<string(length=18):site>.record.js")
def show_record_script(site: str) -> Response:
    """Give the visitor's own record, for the banner's second layer to import."""
    response = _answer("record", site, request.args.get("lang"))
    # What is imported is asked for as an origin; the code is everybody's.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@door.page(f"/w/{_STRICT}.js")
def show_strict_script(site: str, digest: str) -> Response:
    """Give the banner's code under the name of its bytes, without its configuration."""
    found = _strict_of(site, digest)
    response = found.asset.response(cache_control=_FOR_GOOD)
    # A page that checks integrity asks as an origin; the code is everybody's.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@door.page(f"/w/{_STRICT}.json")
@door.open_to(_origins)
def show_strict_configuration(site: str, digest: str) -> Response:
    """Give the configuration that the code of this name reads."""
    _strict_of(site, digest)
    return _answer("strict", site, request.args.get("lang"))


def _strict_of(name: str, digest: str) -> Strict:
    strict = strict_of(name)
    if strict.digest != digest:
        raise NotFound("this server makes other code now; consent sites embed prints the line")
    return strict


def _answer(what: str, name: str, lang: str | None) -> Response:
    site, found, shown = in_force(name)
    wanted = accepted_language(shown.languages, "") if lang is None else lang
    language = language_of(shown, wanted)
    asset = _asset(what, site, found, (shown, language))
    response = asset.response(cache_control=_OWN if lang is None else _SHARED)
    response.headers["Content-Language"] = language
    if lang is None:
        response.vary.add("Accept-Language")
    return response


def _asset(
    what: str, site: SiteInForce, found: Configuration, spoken: tuple[VersionShown, str]
) -> Asset:
    """Give the bytes of an answer, made and compressed once for each version and language."""
    made: dict[tuple[str, int, str], tuple[int, Asset]]
    made = current_app.extensions.setdefault("consent.experiences", {})
    language = spoken[1]
    kept = made.get((what, site.id, language))
    if kept is None or kept[0] != found.version:
        kept = found.version, _make(what, site, made_of(site, found, *spoken))
        made[what, site.id, language] = kept
    return kept[1]


def _make(what: str, site: SiteInForce, made: Made) -> Asset:
    if what == "experience":
        told = {**made.told, "head": said(head_line(made, site.origins))}
        return Asset(current_app.json.dumps(told).encode(), _JSON)
    if what == "record":
        return Asset(record_script(public("site", site.id), made), _SCRIPT)
    if what == "strict":
        return Asset(strict_configuration(public("site", site.id), made), _JSON)
    return Asset(assembled(public("site", site.id), made), _SCRIPT)
