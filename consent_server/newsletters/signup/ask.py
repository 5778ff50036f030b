"""The form's door: it keeps what was asked, looks nobody up, and answers everybody alike."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, g, redirect, request

from ... import notices
from ...clock import to_micros
from ...db import swift_write
from ...organisations import SiteInForce, find_site, keys_of
from ...problems import FieldError, NotFound, Problem, Unprocessable
from ...subjects import NotAnIdentifier, identify
from ...web import Door, client_prefix, cors, current, limit
from ...web.schema import load
from . import store
from .form_pages import asked_page, refused_page
from .schemas import Accepted, NewSubscription

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from flask.typing import ResponseReturnValue

    from ...notices.values import Configuration, Purpose, VersionShown

door = Door("signup", __name__, description="Signing up to a newsletter, with confirmation.")

RATE: Final = "signups"
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_ASKING: Final = "form"
# A browser keeps the origin to itself on pages that send no referrer.
_UNSAID: Final = "null"


def origins_of(site_id: str) -> Collection[str]:
    """Give the origins whose pages may call for a site."""
    site = find_site(None, site_id)
    if site is None:
        raise NotFound
    g.consent_site = site
    return site.origins


def forms_too(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a plain form of a page in as well, and answer whoever sent it with a page."""

    @wraps(view)
    def either(site_id: str) -> Any:
        if request.method == "POST" and request.mimetype in _FORMS:
            return by_form(site_id)
        return view(site_id=site_id)

    return either


@door.post("/v1/sites/<site_id>/subscriptions")
@forms_too
@door.open_to(origins_of)
@door.takes(NewSubscription)
@door.answers(HTTPStatus.ACCEPTED, Accepted, description="Taken: if it may be, a mail leaves.")
@door.refuses(HTTPStatus.NOT_FOUND)
def subscribe(body: dict[str, Any], site_id: str) -> ResponseReturnValue:
    """Ask the person of an address, by mail, whether she wants what a form names.

    Nothing is granted until she presses the button of the page that the mail leads to. The
    answer is the same for every address. A plain form of a page may send the same fields
    (`purposes` several times, and `return_to`, a page of the site), and gets a page.
    """
    site: SiteInForce = g.consent_site
    limit(RATE, f"{site.id}|{client_prefix()}")
    keep(site, body, page=request.headers.get("Origin"))
    return {"accepted": True}


def by_form(site_id: str) -> Response:
    """Take a form as a page's own HTML sends it."""
    origins = origins_of(site_id)
    site: SiteInForce = g.consent_site
    told = request.headers.get("Origin")
    page = None if told == _UNSAID else told
    form = request.form
    language = form.get("language", "")
    try:
        if page is not None:
            cors.admit(origins)
        limit(RATE, f"{site.id}|{client_prefix()}")
        given: dict[str, Any] = {
            name: form[name]
            for name in ("email", "notice_version", "language", "visitor")
            if form.get(name)
        }
        keep(site, load(_READER, {**given, "purposes": form.getlist("purposes")}), page=page)
    except Problem as problem:
        return refused_page(problem, language)
    back = form.get("return_to", "")
    if any(back == origin or back.startswith(f"{origin}/") for origin in origins):
        return redirect(back, HTTPStatus.SEE_OTHER)  # type: ignore[return-value] # a response
    return asked_page(site, language)


_READER: Final = NewSubscription()


def keep(site: SiteInForce, body: dict[str, Any], *, page: str | None) -> None:
    """Check what a form sent, and keep it for the worker to take up."""
    organisation = site.organisation
    try:
        given = identify("email", body["email"], region="")
    except NotAnIdentifier as error:
        raise Unprocessable(str(error), errors=[FieldError("/email", str(error))]) from None
    keys = keys_of(organisation)
    with swift_write(organisation) as tx:
        configuration = notices.configuration(tx, organisation)
        version = notices.version(tx, organisation, body["notice_version"])
        if version is None or version.surface != _ASKING:
            raise Unprocessable.at(
                "/notice_version", "no form of this organisation has such a notice version"
            )
        if body["language"] not in version.languages:
            raise Unprocessable.at("/language", "the notice has no words in this language")
        purposes = _purposes(body["purposes"], version, configuration)
        asked = store.NewSignup(
            told=store.Told(email=given.display, page=page, visitor=body.get("visitor")),
            match=given.match,
            purposes=[purpose.id for purpose in purposes],
            version=version.id,
            language=body["language"],
            site=site.id,
        )
        store.add(tx, keys, asked, now=to_micros(current.now()))


def _purposes(
    names: list[str], version: VersionShown, configuration: Configuration
) -> list[Purpose]:
    faults: list[FieldError] = []
    found: dict[int, Purpose] = {}
    for place, name in enumerate(names):
        purpose = configuration.purpose(name)
        fault = _not_asked_here(purpose, version)
        if fault or purpose is None:
            faults.append(FieldError(f"/purposes/{place}", fault))
        else:
            found[purpose.id] = purpose
    if faults:
        raise Unprocessable("the form does not ask for this", errors=faults)
    return list(found.values())


def _not_asked_here(purpose: Purpose | None, version: VersionShown) -> str:
    if purpose is None or purpose.id not in version.purposes:
        return "this purpose is not in the notice version"
    if purpose.exempt or purpose.basis == "legal_obligation":
        return "this purpose needs no consent: there is nothing to ask"
    if purpose.channel != "email" or purpose.kind == "tracker":
        return "a mail confirms what comes by e-mail, and nothing else"
    return ""
