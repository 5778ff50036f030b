"""The permanent page of a version: every word, for anyone, without a script, for good."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Response, current_app, request

from ..clock import rfc3339_micros
from ..db import read
from ..ids import parse, public
from ..problems import NotFound
from ..web import Door, choose_language, load_words, render_kept, render_page
from ..web.pages import PUBLIC
from .built_in import CALLS
from .periods import locale_of
from .said import page_url
from .speak import Speaker, calls_said, fallback_language
from .versions import owner_of, version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .values import VersionShown

door = Door("notice-pages", __name__, description="The words people were shown, for good.")

WORDS: Final = load_words(Path(__file__).parent)
_TEMPLATE: Final = "notices/version.html"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_JSON: Final = "application/json"


@door.page("/n/<name>.json")
def show_version_as_json(name: str) -> Response:
    """Give all of a version as JSON, so that its fingerprint can be computed again."""
    return _conditional(*_json(_find(name)))


@door.page("/n/<name>")
def show_version(name: str) -> Response:
    """Show every word of a version; as JSON to whoever asks for it."""
    found = _find(name)
    wants_json = request.accept_mimetypes.best_match(["text/html", _JSON]) == _JSON
    response, tag = _json(found) if wants_json else _page(found)
    response.vary.add("Accept")
    return _conditional(response, tag)


def _conditional(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.make_conditional(request)
    return response


def _json(found: VersionShown) -> tuple[Response, str]:
    response = current_app.response_class(
        current_app.json.dumps(_as_json(found)), mimetype=_JSON
    )
    response.headers["Cache-Control"] = _FOR_GOOD
    return response, f"{found.content_hash}-json"


def _find(name: str) -> VersionShown:
    number = parse("ntv", name)
    if number is None:
        raise NotFound
    with read() as outside:
        organisation = owner_of(outside, number)
    if organisation is None:
        raise NotFound
    with read(organisation) as tx:
        found = version(tx, organisation, number)
    if found is None:
        raise NotFound
    return found


def _as_json(found: VersionShown) -> dict[str, Any]:
    return {
        "id": public("ntv", found.id),
        "notice": public("ntc", found.notice_id),
        "number": found.number,
        "recorded_at": rfc3339_micros(found.recorded_at),
        "content_hash": found.content_hash,
        "judgement": found.judgement,
        "because": list(found.because),
        "url": page_url(found.id),
        "body": found.body,
    }


def _page(found: VersionShown) -> tuple[Response, str]:
    languages = list(found.languages)
    language = choose_language(languages, fallback_language(found.body))
    # A reader whose language the organisation does not write saw its buttons nevertheless.
    buttons = choose_language([*found.body["built_in"], language], language)
    response = render_page(
        _TEMPLATE,
        language=language,
        cache=PUBLIC,
        languages=languages,
        **_told(found, language, buttons),
    )
    if request.args.get("lang") == language:
        # The address names the language: nothing in the answer can ever differ.
        response.headers["Cache-Control"] = _FOR_GOOD
    return response, f"{found.content_hash}-{language}-{buttons}"


def kept_page(found: VersionShown, language: str) -> str:
    """Make the page of a version in a language as a file that stands alone."""
    own = language if language in found.languages else fallback_language(found.body)
    return render_kept(_TEMPLATE, language=own, **_told(found, own, language))


def _told(found: VersionShown, language: str, buttons: str) -> dict[str, Any]:
    words = WORDS.get(language, WORDS["en"])
    return {
        "title": str(_words_of(found, language)["title"]),
        "version": found,
        "body": found.body,
        "own": _words_of(found, language),
        "speak": Speaker(found, language, words),
        "words": words,
        "built_in": _built_in(found, buttons),
        "calls": calls_said(found.body, language),
        "buttons": buttons,
        "tongues": _tongues(found),
        "served": _served(found.body),
        "public_id": public("ntv", found.id),
    }


def _words_of(found: VersionShown, language: str) -> Mapping[str, Any]:
    words: Mapping[str, Any] = found.body["words"][language]
    return words


def _built_in(found: VersionShown, language: str) -> Sequence[str]:
    texts = found.body["built_in"].get(language, {})
    return list(dict.fromkeys(text for name, text in texts.items() if name != CALLS))


def _tongues(found: VersionShown) -> list[tuple[str, str]]:
    """Name each language of the built-in words in itself."""
    return [
        (code, locale_of(code).get_display_name() or code) for code in found.body["built_in"]
    ]


def _served(body: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Tell which purposes each tracker serves."""
    served: dict[str, list[Mapping[str, Any]]] = {}
    for purpose in body["purposes"]:
        for tracker in purpose["trackers"]:
            served.setdefault(tracker, []).append(purpose)
    return served
