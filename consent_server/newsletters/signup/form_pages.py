"""What a plain form's sender sees: look into your mail, or what was wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.dates import format_date

from ... import notices
from ...db import read
from ...problems import NotFound, TooMany
from ...web import choose_language, load_words, render_page

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from ...organisations import SiteInForce
    from ...problems import Problem

WORDS: Final = load_words(Path(__file__).parent)
LANGUAGES: Final = tuple(WORDS)
_LOCALES: Final = {"en": "en_GB"}


def day_of(moment: datetime, language: str) -> str:
    """Write a day as people do who read a language in Europe."""
    return str(format_date(moment, format="long", locale=_LOCALES.get(language, language)))


def asked_page(site: SiteInForce, language: str) -> Response:
    """Say that a mail leaves; the same for every address."""
    with read(site.organisation) as tx:
        own = notices.configuration(tx, site.organisation).settings.get("organisation", {})
    return _page("asked", language, organisation=str(own.get("name") or site.name), status=202)


def refused_page(problem: Problem, language: str) -> Response:
    """Say what to mend, in words for whoever filled in the form."""
    pointers = [fault.pointer for fault in problem.errors]
    fault = "other"
    if isinstance(problem, TooMany):
        fault = "later"
    elif isinstance(problem, NotFound):
        raise problem
    elif pointers and all(each == "/email" for each in pointers):
        fault = "email"
    elif pointers and all(each == "/purposes" for each in pointers):
        fault = "purposes"
    response = _page("refused", language, fault=fault, status=problem.status)
    response.headers.update(problem.headers)
    return response


def _page(name: str, language: str, *, status: int, **more: str) -> Response:
    # The form was in a language: the page goes on in it, whatever the browser prefers.
    spoken = language if language in LANGUAGES else choose_language(LANGUAGES, "en")
    words = WORDS[spoken]
    return render_page(
        f"signup/{name}.html",
        language=spoken,
        languages=(),
        status=status,
        words=words,
        title=words[f"{name}_title"],
        **{"organisation": "", **more},
    )
