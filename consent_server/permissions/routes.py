"""The lookup's door: may we contact this person, for this?"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from .. import notices
from ..clock import to_micros
from ..db import TROUBLE, read
from ..organisations import Scope, caller, keys_of, requires
from ..problems import FieldError, Unavailable, Unprocessable
from ..subjects import NotAnIdentifier
from ..subjects.read import region_of
from ..web import Door, current, limit
from .door import HEADERS, PATH, RATE
from .lookup import Question, answer, unavailable
from .schemas import PermissionQuestion, PermissionsOut

if TYPE_CHECKING:
    from collections.abc import Callable

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
    found: dict[str, Any] = {"permissions": answers} if "questions" in body else answers[0]
    return found, HEADERS


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
