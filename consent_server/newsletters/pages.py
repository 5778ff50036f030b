"""The page behind a link: one button for a person, one click for a mailbox, no script.

Nothing but a POST changes anything, so no scanner that follows links, runs scripts or
asks for headers unsubscribes anybody (standards.md UNS-4). Whoever lacks our signature
sees a page that names nobody, whether the link exists or not (UNS-12).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from .. import notices
from ..db import read
from ..ids import parse, public
from ..problems import NotFound
from ..web import (
    Door,
    choose_language,
    client_prefix,
    keep_private,
    limit,
    load_words,
    render_page,
)
from .capability import Held, page_allows, read_link, sign_page
from .leave import leave, lock_of, purposes_of, take_back
from .links import MARKETING, Link, owner_of, read_link_row

if TYPE_CHECKING:
    from collections.abc import Mapping

door = Door("unsubscribe", __name__, description="Leaving a list, in one click.")

WORDS: Final = load_words(Path(__file__).parent)
LANGUAGES: Final = tuple(WORDS)
_FIELD: Final = "List-Unsubscribe"
_ONE_CLICK: Final = "One-Click"
# What the button of a page does: leave what the link names, or all marketing.
_THIS: Final = "1"
_UNDO: Final = "undo"
_DEEDS: Final = {_THIS: "this", MARKETING: MARKETING}
# How a person would put it, by channel: to write, to call, or else to use.
_MANNERS: Final = {
    **dict.fromkeys(("email", "sms", "mms", "fax", "post"), "writing"),
    **dict.fromkeys(("phone", "automated_call"), "phone"),
}


@dataclass(frozen=True)
class _Shown:
    """What a page may say of a link; without our signature, nothing."""

    organisation: str = ""
    purpose: str = ""
    purpose_language: str = ""
    everything: bool = False
    manner: str = "writing"
    language: str = "en"
    # Where whoever it is for may ask for the page of all her choices.
    centre: str = ""


door.after_request(keep_private)


@door.page("/u/<token>")
def show(token: str) -> Response:
    """Show the page with its one button; changes nothing."""
    held = read_link(token)
    link = _find(held)
    _count(held, link)
    shown = _describe(held, link)
    return _page("leave", held, shown, deed="this")


@door.page("/u/<token>", methods=("POST",))
def act(token: str) -> Response:
    """Leave, by the mailbox's one click or by the page's button."""
    held = read_link(token)
    link = _find(held)
    # Whoever has a link may always leave by it: guesses alone are refused.
    _count(held, link, refuse=link is None)
    if link is None:
        raise NotFound
    # The mailbox's click comes with nothing else: no cookie, no page, no signature of ours.
    if request.form.getlist(_FIELD) == [_ONE_CLICK]:
        leave(
            link.organisation,
            held.name,
            lock_of(link),
            scope=link.scope,
            means="one_click",
            language=None,
        )
        return Response(_both("one_click"), content_type="text/plain; charset=utf-8")
    return _by_button(held, link)


def _by_button(held: Held, link: Link) -> Response:
    shown = _describe(held, link)
    asked = request.form.get("confirm", "")
    if asked == _UNDO:
        return _undo(held, link, shown)
    deed = _DEEDS.get(asked, "")
    # All marketing is more than the name alone authorises.
    may = deed == "this" or (deed == MARKETING and held.genuine)
    if not may or not page_allows(held, deed, request.form.get("page", "")):
        status = HTTPStatus.BAD_REQUEST
        return _page("leave", held, shown, deed="this", again=True, status=status)
    scope = MARKETING if deed == MARKETING else link.scope
    language = _language(shown)
    left = leave(
        link.organisation,
        held.name,
        lock_of(link),
        scope=scope,
        means="button",
        language=language,
    )
    return _page(
        "left",
        held,
        shown,
        deed=MARKETING,
        everything=scope == MARKETING,
        receipt=left.receipt if held.genuine else None,
        **_offer_undo(held, left.decision),
    )


def _offer_undo(held: Held, decision: int | None) -> dict[str, Any]:
    # Only to whoever has just pressed the button, and only for what that press did: a
    # message that is passed on must not bring back what a mailbox's click ended.
    if decision is None or not held.genuine:
        return {}
    name = public("dec", decision)
    return {"undo": name, "undo_button": sign_page(held, f"{_UNDO}|{name}")}


def _undo(held: Held, link: Link, shown: _Shown) -> Response:
    name = request.form.get("decision", "")
    number = parse("dec", name)
    mark = request.form.get("page", "")
    if number is None or not held.genuine or not page_allows(held, f"{_UNDO}|{name}", mark):
        status = HTTPStatus.BAD_REQUEST
        return _page("leave", held, shown, deed="this", again=True, status=status)
    receipt = take_back(
        link.organisation,
        held.name,
        lock_of(link),
        decision=number,
        language=_language(shown),
    )
    return _page("undone", held, shown, deed="this", receipt=receipt)


def _find(held: Held) -> Link | None:
    with read() as outside:
        organisation = owner_of(outside, held.link_hash)
    if organisation is None:
        return None
    with read(organisation) as tx:
        return read_link_row(tx, organisation, held.name)


def _count(held: Held, link: Link | None, *, refuse: bool = True) -> None:
    # Guesses count against the network they come from; a link that exists is counted by
    # itself, so that no neighbour uses up its holder's quota.
    own = held.link_hash.hex()[:32] if link else "guess"
    limit("pages", f"u|{own}|{client_prefix()}", refuse=refuse)


def _describe(held: Held, link: Link | None) -> _Shown:
    if link is None or not held.genuine:
        return _Shown()
    with read(link.organisation) as tx:
        configuration = notices.configuration(tx, link.organisation)
        purposes = purposes_of(tx, link, configuration, link.scope)
    own = configuration.settings.get("organisation", {})
    named = str(own.get("name") or "")
    home = str(own.get("default_language") or "en")
    centre = f"/p/at/{public('org', link.organisation)}"
    if link.scope == MARKETING or not purposes:
        return _Shown(
            organisation=named, everything=bool(purposes), language=home, centre=centre
        )
    language = choose_language(LANGUAGES, home)
    title, tongue = _in_language(purposes[0].title, language, home)
    return _Shown(
        organisation=named,
        purpose=title or purposes[0].slug,
        purpose_language=tongue,
        manner=_MANNERS.get(purposes[0].channel, "using"),
        language=home,
        centre=centre,
    )


def _in_language(texts: Mapping[str, str], language: str, home: str) -> tuple[str, str]:
    for tongue in (language, home, *texts):
        if texts.get(tongue):
            return texts[tongue], tongue
    return "", language


def _language(shown: _Shown) -> str:
    home = shown.language if shown.language in LANGUAGES else "en"
    return choose_language(LANGUAGES, home)


def _page(
    name: str,
    held: Held,
    shown: _Shown,
    *,
    deed: str,
    status: int = HTTPStatus.OK,
    **more: Any,
) -> Response:
    language = _language(shown)
    words = WORDS[language]
    return render_page(
        f"newsletters/{name}.html",
        language=language,
        status=status,
        words=words,
        shown=shown,
        button=sign_page(held, deed),
        title=_title(words, name, shown),
        **{"again": False, "undo": None, **more},
    )


def _title(words: Mapping[str, str], name: str, shown: _Shown) -> str:
    if name in {"left", "undone"}:
        return words[f"{name}_title"]
    if shown.purpose:
        return words[f"leave_{shown.manner}"]
    if shown.everything:
        return words["leave_marketing"].format(organisation=shown.organisation)
    return words["leave_unnamed"]


def _both(key: str) -> str:
    # The caller is a mailbox, whose language nobody knows.
    return "".join(f"{WORDS[language][key]}\n" for language in LANGUAGES)
