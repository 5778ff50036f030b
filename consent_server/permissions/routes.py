"""The lookup's door: may we contact this person, for this?"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from flask import current_app

from .. import notices
from ..clock import to_micros
from ..db import TROUBLE, read, write
from ..ids import public
from ..organisations import Scope, caller, keys_of, look, requires
from ..problems import FieldError, Unavailable, Unprocessable
from ..subjects import NotAnIdentifier
from ..subjects.read import region_of
from ..web import Door, current, limit
from .asked import note_asking
from .clearance import clear, read_clearance
from .door import HEADERS, PATH, RATE
from .lookup import Question, answer, subject_of, unavailable
from .schemas import (
    AskedAboutOut,
    AskedAboutQuestion,
    ClearanceIn,
    ClearanceOut,
    PermissionQuestion,
    PermissionsOut,
)
from .who_asked import nobody, who_asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from ..keyring import OrganisationKeys

P = ParamSpec("P")
R = TypeVar("R")

door = Door("permissions", __name__, description="May we? One answer, with its reason.")


def doubt_is_no(view: Callable[P, R]) -> Callable[P, R]:
    """Answer no when the database is away, even where it cannot say who asks (promise 3)."""

    @wraps(view)
    def doubting(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return view(*args, **kwargs)
        except TROUBLE as error:
            raise Unavailable(members=unavailable(), headers={"Retry-After": "1"}) from error

    return doubting


@door.post(PATH)
@doubt_is_no
@requires(Scope.LOOKUP)
@door.takes(PermissionQuestion)
@door.answers(HTTPStatus.OK, PermissionsOut, description="The answer, or the answers in order.")
def look_up(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Answer whether a person may be contacted; doubt means no."""
    who = caller()
    limit(RATE, who.key_id)
    ((kind, text),) = body["subject"].items()
    now = current.now()
    asked = [_question(one) for one in body.get("questions") or [body]]
    _refuse_the_future(asked, to_micros(now))
    try:
        region = _region(who.organisation) if kind == "phone" else ""
        answers = answer(keys_of(who.organisation), kind, text, asked, region=region, now=now)
    except NotAnIdentifier as error:
        pointer = f"/subject/{kind}"
        raise Unprocessable(str(error), errors=[FieldError(pointer, str(error))]) from None
    for question, said in zip(body.get("questions") or [body], answers, strict=True):
        # A question about the past is no asking before a send.
        if question.get("at") is None:
            note_asking(_application(), who, said, now)
        if question.get("clearance"):
            said["clearance"] = clear(who, said)
    found: dict[str, Any] = {"permissions": answers} if "questions" in body else answers[0]
    return found, HEADERS


@door.post("/v1/permissions/asked")
@requires(Scope.PROOFS)
@door.takes(AskedAboutQuestion)
@door.answers(HTTPStatus.OK, AskedAboutOut)
def show_asked(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Show who asked about a person: by single questions, and by lists she stood on."""
    who = caller()
    limit("writes", who.key_id)
    ((kind, text),) = body["subject"].items()
    keys = keys_of(who.organisation)
    subject = _subject(keys, kind, text)
    with write(who.organisation) as tx:
        found = who_asked(tx, keys, subject) if subject else nobody()
        named = public("sub", subject) if subject else None
        look(tx, "asking.shown", named or "")
    return {"subject": named, **found}, HEADERS


@door.post("/v1/permissions/verify")
@requires(Scope.LOOKUP)
@door.takes(ClearanceIn)
@door.answers(HTTPStatus.OK, ClearanceOut)
def verify_clearance(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Tell whether we signed a clearance for you, and what it says."""
    who = caller()
    limit(RATE, who.key_id)
    found = read_clearance(who, body["clearance"])
    return {"valid": found is not None, "answer": found}, HEADERS


def _subject(keys: OrganisationKeys, kind: str, text: str) -> int | None:
    try:
        region = _region(keys.organisation) if kind == "phone" else ""
        return subject_of(keys, kind, text, region=region)
    except NotAnIdentifier as error:
        pointer = f"/subject/{kind}"
        raise Unprocessable(str(error), errors=[FieldError(pointer, str(error))]) from None


def _application() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return] # Flask's own word


def _question(asked: dict[str, Any]) -> Question:
    return Question(
        purpose=asked["purpose"],
        channel=asked.get("channel"),
        at=asked.get("at"),
        known_now=asked.get("known") == "now",
        explain=asked.get("explain"),
    )


def _refuse_the_future(asked: list[Question], now: int) -> None:
    for index, question in enumerate(asked):
        if question.at is not None and to_micros(question.at) > now:
            pointer = "/at" if len(asked) == 1 else f"/questions/{index}/at"
            raise Unprocessable.at(pointer, "ask about now or the past")


def _region(organisation: int) -> str:
    with read(organisation) as tx:
        return region_of(notices.configuration(tx, organisation))
