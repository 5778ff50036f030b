"""The page: shown, acted on, shown again; and the small form that asks for a link to it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from babel.dates import format_date, format_datetime
from flask import Response, request

from ... import notices
from ...clock import from_micros, to_micros
from ...db import read
from ...ids import parse, public
from ...notices.speak import spoken
from ...organisations import keys_of
from ...problems import NotFound
from ...subjects.rules import MARKETING
from ...web import (
    Door,
    choose_language,
    client_prefix,
    current,
    keep_private,
    limit,
    load_words,
    render_page,
)
from ..decide import UNDO_FOR
from . import send
from .deeds import BREAKS, CAPS, Deed, Done
from .history import history
from .person import holder, masked
from .tokens import read_token, whose
from .view import Viewer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...decisions.receipt import Receipt
    from ...notices.values import Configuration
    from .tokens import Bearer

door = Door(
    "preference centre", __name__, description="Everything a person chose, in one page."
)

WORDS: Final = load_words(Path(__file__).parent)
LANGUAGES: Final = tuple(WORDS)
_DEED_PROVE: Final = "prove"


door.after_request(keep_private)


@door.page("/p/<centre>")
def show_centre(centre: str) -> Response:
    """Show the page; changes nothing."""
    bearer = _counted(centre)
    return _page(bearer) if bearer else _closed(centre, HTTPStatus.OK)


@door.page("/p/<centre>", methods=("POST",))
def act(centre: str) -> Response:
    """Do what one of the page's buttons says, and show the page as it stands then."""
    bearer = _counted(centre)
    if bearer is None:
        return _closed(centre, HTTPStatus.NOT_FOUND)
    form = request.form
    if not bearer.button_is_ours(form.get("page", "")):
        return _page(bearer, Done("again", fine=False), status=HTTPStatus.BAD_REQUEST)
    with read(bearer.organisation) as tx:
        language = _language(notices.configuration(tx, bearer.organisation))
    if form.get("do") == _DEED_PROVE:
        done = Done("mailed") if send.prove(bearer, language) else Done("no_mail", fine=False)
    else:
        done = Deed(bearer, form, language, current.now()).do()
    status = HTTPStatus.OK if done.fine else HTTPStatus.BAD_REQUEST
    return _page(bearer, done, status=status)


@door.page("/p/at/<organisation>")
def show_request(organisation: str) -> Response:
    """Show the form that asks for a link by mail."""
    return _request_page(_organisation(organisation))


@door.page("/p/at/<organisation>", methods=("POST",))
def ask_for_link(organisation: str) -> Response:
    """Mail a link to an address: the same for whoever is known, and whoever is not."""
    number = _organisation(organisation)
    limit("pages", f"p|ask|{client_prefix()}")
    with read(number) as tx:
        language = _language(notices.configuration(tx, number))
    if not send.link(number, request.form.get("email", ""), language):
        return _request_page(number, fault=True, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _request_page(number, sent=True)


def _counted(token: str) -> Bearer | None:
    bearer = read_token(token)
    own = bearer.mark[:32] if bearer else "guess"
    # Whoever holds a link may always refuse by it: guesses alone are turned away.
    limit("pages", f"p|{own}|{client_prefix()}", refuse=bearer is None)
    return bearer


def _organisation(name: str) -> int:
    number = parse("org", name)
    if number is None:
        raise NotFound
    with read(number) as tx:
        if not notices.configuration(tx, number).settings:
            raise NotFound
    return number


def _language(configuration: Configuration) -> str:
    home = str(_own(configuration).get("default_language") or "en")
    return choose_language(LANGUAGES, home if home in LANGUAGES else "en")


def _own(configuration: Configuration) -> Mapping[str, Any]:
    found: Mapping[str, Any] = configuration.settings.get("organisation", {})
    return found


def _page(bearer: Bearer, done: Done | None = None, *, status: int = HTTPStatus.OK) -> Response:
    organisation = bearer.organisation
    with read(organisation) as tx:
        configuration = notices.configuration(tx, organisation)
        language = _language(configuration)
        keys = keys_of(organisation, tx)
        held = holder(tx, keys, bearer)
        if held is None:
            return _render("unknown", configuration, language, status=status)
        viewer = Viewer(tx, keys, configuration, held, language=language, now=current.now())
        view = viewer.view(bearer)
        return _render(
            "centre",
            configuration,
            language,
            status=status,
            view=view,
            page=history(tx, organisation, held, request.args.get("before")),
            address_shown=masked(held.given.kind, held.given.display),
            by_mail=held.given.kind == "email",
            proved=bearer.proved,
            button=bearer.sign_button(),
            done=done,
            undo_mark=bearer.sign_undo(done.undo) if done and done.undo else "",
            undoable=partial(_undoable, {use.slug for use in view.uses if use.stopped}),
            marketing=MARKETING,
            breaks=BREAKS,
            caps=CAPS,
        )


def _undoable(stopped: Collection[str], receipt: Receipt) -> bool:
    fresh = receipt.recorded_at > to_micros(current.now() - UNDO_FOR)
    # Not what was undone, or allowed again, since.
    return fresh and any(
        each.answer in {"withdrawn", "objected"} and each.purpose in stopped
        for each in receipt.answers
    )


def _closed(token: str, status: int) -> Response:
    """Show a page that names nobody: the link is too old, or none of ours."""
    limit("pages", f"p|guess|{client_prefix()}")
    number = whose(token)
    if number is None:
        language = choose_language(LANGUAGES, "en")
        return _render("closed", None, language, status=status)
    with read(number) as tx:
        configuration = notices.configuration(tx, number)
    return _render("closed", configuration, _language(configuration), status=status)


def _request_page(
    organisation: int, *, sent: bool = False, fault: bool = False, status: int = HTTPStatus.OK
) -> Response:
    with read(organisation) as tx:
        configuration = notices.configuration(tx, organisation)
    language = _language(configuration)
    return _render("ask", configuration, language, status=status, sent=sent, fault=fault)


def _render(
    name: str,
    configuration: Configuration | None,
    language: str,
    *,
    status: int,
    **more: Any,
) -> Response:
    own = _own(configuration) if configuration else {}
    words = WORDS[language]
    home = str(own.get("default_language") or "en")
    named = str(own.get("name") or "")

    def say(key: str, **gaps: Any) -> str:
        return words[key].format(organisation=named, **gaps)

    def day(moment: date | int) -> str:
        at = from_micros(moment) if isinstance(moment, int) else moment
        return str(format_date(at, "d MMMM y", locale=language))

    def minute(moment: datetime | int) -> str:
        at = moment if isinstance(moment, datetime) else from_micros(moment)
        return str(format_datetime(at, "d MMMM y, HH:mm 'UTC'", locale=language))

    return render_page(
        f"centre/{name}.html",
        language=language,
        status=status,
        title=say(f"title_{name}"),
        say=say,
        words=words,
        day=day,
        minute=minute,
        text=lambda texts: spoken(texts, language, home),
        own=own,
        organisation=named,
        ask_url=_ask_url(configuration),
        **more,
    )


def _ask_url(configuration: Configuration | None) -> str:
    if configuration is None:
        return ""
    return f"/p/at/{public('org', configuration.organisation)}"
