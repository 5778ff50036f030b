"""The page that the mail leads to: what was asked, in its words, and one button.

Nothing but the button's POST confirms: scanners that open links, run scripts or ask for
headers sign nobody up (standards.md UNS-4, security.md test 44).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, request

from ... import notices
from ...clock import from_micros
from ...db import read
from ...ids import public
from ...web import Door, choose_language, client_prefix, keep_private, limit, render_page
from ..links import owner_of
from . import store, tokens
from .confirm import confirm
from .form_pages import LANGUAGES, WORDS, day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...db import Transaction
    from .store import Signup

door = Door("confirmation", __name__, description="Confirming a sign-up, in one press.")


@dataclass(frozen=True)
class _Asked:
    """A purpose that was asked for, in the nearest words."""

    title: str
    text: str
    language: str


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What the page shows."""

    organisation: str = ""
    home: str = "en"
    asked: tuple[_Asked, ...] = ()
    notice: str = ""
    signup: Signup | None = None
    number: int = 0


door.after_request(keep_private)


@door.page("/confirm/<token>")
def show(token: str) -> Response:
    """Show what was asked, with one button; changes nothing."""
    brought, shown = _open(token)
    return _settled(brought, shown) or _page("confirm", shown)


@door.page("/confirm/<token>", methods=("POST",))
def act(token: str) -> Response:
    """Confirm, by the page's button; pressed twice, it is once."""
    brought, shown = _open(token)
    settled = _settled(brought, shown)
    if settled is not None or shown.signup is None:
        return settled or _unreadable()
    if not _pressed(shown.signup.name):
        return _page("confirm", shown, again=True, status=HTTPStatus.BAD_REQUEST)
    outcome = confirm(shown.number, shown.signup, language=_language(shown))
    if outcome.receipt is None:
        # Pressed twice at once, or erased between the page and the button.
        brought, shown = _open(token)
        return _settled(brought, shown) or _unreadable()
    if outcome.superseded:
        return _page("changed", shown)
    return _page("confirmed", shown, receipt=outcome.receipt)


def _open(token: str) -> tuple[tokens.Brought | None, _Shown]:
    brought = tokens.read(token)
    # Guesses count against their network; a token of ours is long and never guessed.
    limit("pages", f"c|{client_prefix()}", refuse=brought is None)
    return brought, _find(brought.name) if brought else _Shown()


def _pressed(name: str) -> bool:
    page = request.form.get("page", "")
    return request.form.get("confirm") == "1" and tokens.page_allows(name, page)


def _settled(brought: tokens.Brought | None, shown: _Shown) -> Response | None:
    """Answer whatever cannot be confirmed, or no more; None if it can."""
    if brought is None:
        return _unreadable()
    if shown.signup is not None and shown.signup.state == store.CONFIRMED:
        return _page("already", shown, day=_day(shown))
    if shown.signup is None or brought.expired:
        # Ours, and not there: expired and forgotten, or the person was erased.
        return _page("gone", _Shown(), status=HTTPStatus.GONE)
    return None


def _unreadable() -> Response:
    return _page("unreadable", _Shown(), status=HTTPStatus.NOT_FOUND)


def _day(shown: _Shown) -> str:
    signup = shown.signup
    moment = from_micros(signup.settled_at or signup.recorded_at) if signup else None
    return day_of(moment, _language(shown)) if moment else ""


def _find(name: str) -> _Shown:
    with read() as outside:
        number = owner_of(outside, store.directory_hash(name))
    if number is None:
        return _Shown()
    with read(number) as tx:
        signup = store.named(tx, number, name)
        return _shown(tx, number, signup) if signup else _Shown()


def _shown(tx: Transaction, number: int, signup: Signup) -> _Shown:
    configuration = notices.configuration(tx, number)
    own: Mapping[str, Any] = configuration.settings.get("organisation", {})
    home = str(own.get("default_language") or "en")
    version = notices.version(tx, number, signup.version)
    told = {each["id"]: each for each in version.body["purposes"]} if version else {}
    language = _spoken(_nearest(signup.language, home))
    asked = []
    for purpose in signup.purposes:
        # As the form showed it, not as the catalogue has it today.
        words = told.get(public("pur", purpose), {})
        title, tongue = _in(words.get("title") or {}, language, home)
        text, _ = _in(words.get("text") or {}, tongue, home)
        asked.append(_Asked(title, text, tongue))
    return _Shown(
        organisation=str(own.get("name") or ""),
        home=_nearest(signup.language, home),
        asked=tuple(asked),
        notice=public("ntv", signup.version),
        signup=signup,
        number=number,
    )


def _nearest(*languages: str) -> str:
    return next((each for each in languages if each in LANGUAGES), "en")


def _in(texts: Mapping[str, str], language: str, home: str) -> tuple[str, str]:
    for tongue in (language, home, *texts):
        if texts.get(tongue):
            return texts[tongue], tongue
    return "", language


def _language(shown: _Shown) -> str:
    return _spoken(shown.home) if shown.signup else choose_language(LANGUAGES, "en")


def _spoken(home: str) -> str:
    # The language the form was filled in, unless the page is asked for in another one.
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else home


def _page(name: str, shown: _Shown, *, status: int = HTTPStatus.OK, **more: Any) -> Response:
    language = _language(shown)
    words = WORDS[language]
    button = tokens.sign_page(shown.signup.name) if shown.signup else ""
    title = words[f"{name}_title"].format(organisation=shown.organisation)
    return render_page(
        f"signup/{name}.html",
        language=language,
        status=status,
        words=words,
        shown=shown,
        organisation=shown.organisation,
        button=button,
        title=title,
        **{"again": False, **more},
    )
