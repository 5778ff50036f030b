"""Pages for people: one layout, two languages, no script, nothing from anyone else."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Response, render_template, request
from markupsafe import Markup

from .assets import address, asset
from .words import load_words, plain_language

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

WORDS: Final = load_words(Path(__file__).parent)
LANGUAGES: Final = tuple(WORDS)
NAMES: Final = {"en": "English", "fr": "Français"}

CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# What a page that carries a person's token, or anything about a person, is kept by: nobody.
PRIVATE: Final = "no-store"
PUBLIC: Final = "public, max-age=300"


def choose_language(available: Collection[str], default: str) -> str:
    """Choose by `?lang=`, else by what the browser accepts, else the default."""
    asked = request.args.get("lang", "")
    if asked in available:
        return asked
    # In the browser's order, and `fr-CH` is French: the library would rather take an
    # English that stands last than a French that stands first with a country.
    for tag, quality in request.accept_languages:
        for known in (tag.lower(), plain_language(tag)):
            if quality > 0 and known in available:
                return known
    return default


def render_page(
    template: str,
    *,
    language: str,
    status: int = HTTPStatus.OK,
    cache: str = PRIVATE,
    **context: Any,
) -> Response:
    """Make a page in the house's layout; private and unlisted unless `cache=PUBLIC`.

    The template extends `web/layout.html`; `texts` are the layout's words in the nearest
    language we have, for a page may be in more languages than its frame.
    """
    frame = language if language in WORDS else "en"
    body = render_template(
        template,
        language=language,
        frame_language=frame,
        texts=WORDS[frame],
        languages=_other_languages(context.pop("languages", LANGUAGES), language),
        address=address,
        listed=cache == PUBLIC,
        style=None,
        **context,
    )
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = cache
    response.vary.add("Accept-Language")
    if cache != PUBLIC:
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def render_kept(template: str, *, language: str, **context: Any) -> str:
    """Make a page in the house's layout that stands alone: a file which asks for no other.

    Its templates know it by `style`, and lead nowhere that needs a server.
    """
    frame = language if language in WORDS else "en"
    return render_template(
        template,
        language=language,
        frame_language=frame,
        texts=WORDS[frame],
        languages=(),
        address=address,
        listed=False,
        style=Markup(asset("pages/pages.css").body.decode()),  # noqa: S704 # our own file
        **context,
    )


def render_error(status: int) -> Response:
    """Make a small page that says what went wrong, and nothing of what was sent."""
    language = choose_language(LANGUAGES, "en")
    texts = WORDS[language]
    known = f"error_{int(status)}"
    key = known if known in texts else ("error_later" if status >= 500 else "error_other")
    return render_page(
        "web/error.html", language=language, status=status, title=texts[key],
        explanation=texts[f"{key}_text"], languages=(),
    )  # fmt: skip


def _other_languages(languages: Collection[str], chosen: str) -> list[Mapping[str, str]]:
    if len(languages) < 2:
        return []
    return [
        {
            "code": code,
            "name": NAMES.get(code, code),
            "current": "page" if code == chosen else "",
        }
        for code in languages
    ]


def keep_private(response: Response) -> Response:
    """Let no index, cache or other site keep an address that carries a token (UNS-11)."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
