"""The preview's pages: settings around a frame, and in the frame a page with the banner.

The frame is sandboxed without an origin of its own: the banner in it reads and keeps no
cookie and no storage, and the policy lets it call nobody. What is clicked there is nowhere.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Response, request

from ..db import read
from ..notices.built_in import REVIEWED
from ..notices.periods import locale_of
from ..notices.speak import fallback_language
from ..problems import NotFound
from ..web import Door, choose_language, client_prefix, current, limit, load_words, render_page
from ..web.pages import CSP
from .embed import said
from .preview import (
    COLOURS,
    LAYOUTS,
    Look,
    Previewed,
    head_shown,
    languages_of,
    preview_script,
    read_preview_token,
    shown_by,
)
from .replay.read import kept_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..notices import VersionShown
    from .replay.read import Kept

door = Door("preview", __name__, description="A look at a banner that asks nobody.")

WORDS: Final = load_words(Path(__file__).parent)
_AROUND: Final = CSP.replace("default-src 'none';", "default-src 'none'; frame-src 'self';")
_FRAMED: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
# It holds its own code, and nothing that is asked for.
_CAGED: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
_SCRIPT: Final = "text/javascript; charset=utf-8"
_YES: Final = "1"
WIDTHS: Final = ("100%", "320")


@door.page("/preview/<token>")
def show_preview(token: str) -> Response:
    """Show the settings of a look, and the banner dressed so in a frame."""
    what = _opened(token)
    with read(what.organisation) as tx:
        shown = shown_by(tx, what)
    language = choose_language(tuple(WORDS), "en")
    spoken, look = languages_of(shown), _look(shown)
    width = request.args.get("width")
    response = render_page(
        "experience/preview.html",
        language=language,
        title=WORDS[language]["preview_title"],
        words=WORDS[language],
        token=token,
        what=what,
        shown=shown,
        look=look,
        tongues=[(code, _named(code)) for code in spoken],
        layouts=_options(language, "layout", LAYOUTS),
        colours=_options(language, "colours", COLOURS),
        width=width if width in WIDTHS else WIDTHS[0],
        query=_query(look),
        head=said(head_shown(what)),
    )
    response.headers["Content-Security-Policy"] = _AROUND
    return response


@door.page("/preview/<token>/page")
def show_framed_page(token: str) -> Response:
    """Show a page as a visitor's might be, with the banner on it."""
    what = _opened(token)
    with read(what.organisation) as tx:
        shown = shown_by(tx, what)
    language = choose_language(tuple(WORDS), "en")
    response = render_page(
        "experience/preview_page.html",
        language=language,
        title=WORDS[language]["preview_page_title"],
        words=WORDS[language],
        token=token,
        query=_query(_look(shown)),
    )
    response.headers["Content-Security-Policy"] = _FRAMED
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@door.page("/preview/<token>/banner.js")
def show_preview_script(token: str) -> Response:
    """Give the banner's script as the look dresses it."""
    what = _opened(token)
    with read(what.organisation) as tx:
        shown = shown_by(tx, what)
    response = Response(preview_script(what, _look(shown)), content_type=_SCRIPT)
    response.headers["Cache-Control"] = "no-store"
    # The frame that asks for it has no origin, so nothing is of its own.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@door.page("/preview/<token>/kept")
def show_kept(token: str) -> Response:
    """Show what was kept of a version at its publication: each language, layer and device."""
    what = _opened(token)
    with read(what.organisation) as tx:
        shown = shown_by(tx, what)
        kept = kept_of(tx, what.organisation, shown.id)
    language = choose_language(tuple(WORDS), "en")
    response = render_page(
        "experience/kept.html",
        language=language,
        title=WORDS[language]["kept_title"],
        words=WORDS[language],
        token=token,
        shown=shown,
        kept=[(code, _named(code), list(several)) for code, several in _by_language(kept)],
    )
    response.headers["Content-Security-Policy"] = CSP
    return response


@door.page("/preview/<token>/kept/<digest>")
def show_kept_view(token: str, digest: str) -> Response:
    """Give one view as it was kept, by its hash: the page in a cage of its own, or an image."""
    what = _opened(token)
    with read(what.organisation) as tx:
        shown = shown_by(tx, what)
        kept = kept_of(tx, what.organisation, shown.id)
    found = next((each for each in kept if each.content and each.hash == digest), None)
    if found is None or found.content is None:
        raise NotFound
    media = "text/html; charset=utf-8" if found.is_page else "image/png"
    response = Response(found.content, content_type=media)
    response.headers["Content-Security-Policy"] = _CAGED
    response.headers["Cache-Control"] = "no-store"
    return response


def _by_language(kept: Sequence[Kept]) -> Iterator[tuple[str, Iterator[Kept]]]:
    return groupby(kept, key=lambda each: each.language)


def _opened(token: str) -> Previewed:
    limit("pages", f"preview|{client_prefix()}")
    return read_preview_token(token, current.now())


def _look(shown: VersionShown) -> Look:
    """Read a look from the address; what is not known there is as the site has it."""
    asked = request.args
    language = asked.get("banner", "")
    layout, colours = asked.get("layout"), asked.get("colours")
    return Look(
        language=language if language in languages_of(shown) else fallback_language(shown.body),
        layout=layout if layout in LAYOUTS else None,
        colours=colours if colours in COLOURS else None,
        modal=asked["modal"] == _YES if "modal" in asked else None,
        second_layer=asked.get("layer") == "second",
    )


def _query(look: Look) -> dict[str, str]:
    told = {
        "banner": look.language,
        "layout": look.layout,
        "colours": look.colours,
        "modal": None if look.modal is None else str(int(look.modal)),
        "layer": "second" if look.second_layer else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _options(language: str, kind: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(value, WORDS[language][f"{kind}_{value}"]) for value in values]


def _named(code: str) -> str:
    """Name a language in itself, starred while no speaker has reviewed our words in it."""
    name = str(locale_of(code).get_display_name() or code)
    return name if code in REVIEWED else f"{name} *"
