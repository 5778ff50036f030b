"""The start page and the API's readable page."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flask import Response, current_app

from .assets import Asset
from .errors import known_problems
from .pages import LANGUAGES, PUBLIC, WORDS, choose_language, render_page
from .reference import Reference, Row

if TYPE_CHECKING:
    from flask import Flask

    from ..problems import Problem

_CITED: Final = re.compile(r" \(design\.md[^)]*\)")

# (title of the group, ((words of the place, where it is, whether one can go there), …))
_PLACES: Final = (
    (
        "start_people",
        (
            ("place_banner", "/w/<site>.js", ""),
            ("place_notices", "/n/<notice version>", ""),
            ("place_unsubscribe", "/u/<token>", ""),
        ),
    ),
    (
        "start_systems",
        (
            ("place_docs", "/v1/docs", "/v1/docs"),
            ("place_openapi", "/v1/openapi.json", "/v1/openapi.json"),
            ("place_ready", "/readyz", "/readyz"),
        ),
    ),
    (
        "start_strangers",
        (
            ("place_log", "/log/", "/log/"),
            ("place_verify", "/verify", "/verify"),
            ("place_keys", "/.well-known/jwks.json", "/.well-known/jwks.json"),
            ("place_security", "/.well-known/security.txt", "/.well-known/security.txt"),
        ),
    ),
)


def install(app: Flask, api: Any) -> None:
    """Answer `/`, `/v1/docs` and `/v1/openapi.json`."""
    # The document is complete only after every room is registered: made when first asked.
    app.extensions["consent.contract"] = partial(_document, api)
    for rule, view in (("/", start), ("/v1/docs", docs), ("/v1/openapi.json", openapi)):
        app.add_url_rule(rule, f"web.{view.__name__}", view, methods=["GET"])


def start() -> Response:
    """Tell what is where."""
    language = choose_language(LANGUAGES, "en")
    texts = WORDS[language]
    groups = [
        {
            "title": texts[group],
            "places": [
                {
                    "title": texts[word],
                    "text": texts[f"{word}_text"],
                    "path": path,
                    "link": link,
                }
                for word, path, link in places
            ],
        }
        for group, places in _PLACES
    ]
    return render_page(
        "web/start.html",
        language=language,
        cache=PUBLIC,
        title=texts["start_title"],
        groups=groups,
    )


def docs() -> Response:
    """Show the API's document to people."""
    language = choose_language(LANGUAGES, "en")
    texts = WORDS[language]
    return render_page(
        "web/docs.html",
        language=language,
        cache=PUBLIC,
        title=texts["docs_title"],
        reference=Reference(current_app.extensions["consent.contract"]()),
        problems=[
            Row(kind.code, str(int(kind.status)), f"{kind.title}. {_told(kind)}")
            for kind in sorted(known_problems(), key=lambda kind: (kind.status, kind.code))
        ],
    )


def _told(kind: type[Problem]) -> str:
    # The sources may name the design they follow; the reader of this page has no need to.
    return _CITED.sub("", (kind.__doc__ or "").partition("\n")[0])


def openapi() -> Response:
    """Give the API's document to tools."""
    made: Asset | None = current_app.extensions.get("consent.contract.bytes")
    if made is None:
        text = current_app.json.dumps(current_app.extensions["consent.contract"]())
        made = Asset(text.encode(), "application/json")
        current_app.extensions["consent.contract.bytes"] = made
    return made.response(cache_control="public, max-age=300")


def _document(api: Any) -> dict[str, Any]:
    document: dict[str, Any] = api.whole_document()
    return document
