"""Bodies in good form that say something wrong: a refusal that names the field, no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from consent_server.ids import new_id, public
from tests.support.house import TRACKERS

if TYPE_CHECKING:
    from tests.support.ground import Ground

EMAIL: Final = "ada.lindqvist@people.example"
ADA: Final = {"email": EMAIL}
TO_COME: Final = "2027-11-23T12:00:00Z"
NO_VERSION: Final = public("ntv", new_id())
NO_DECISION: Final = public("dec", new_id())
EVERY_YES: Final = dict.fromkeys(TRACKERS, "granted")

# What is changed in a good body, and where the fault is.
Fault = tuple[dict[str, Any], str]

BROWSER: Final[dict[str, Fault]] = {
    "an unknown version": ({"notice_version": NO_VERSION}, "/notice_version"),
    "no version": ({"notice_version": "latest"}, "/notice_version"),
    "a purpose not in it": ({"choices": {**EVERY_YES, "newsletter": "granted"}}, "/choices"),
    "a purpose nobody knows": ({"choices": {**EVERY_YES, "nobody": "granted"}}, "/choices"),
    "a purpose left out": ({"choices": {"analytics": "granted"}}, "/choices"),
    "an exempt purpose": ({"choices": {**EVERY_YES, "necessary": "refused"}}, "/choices"),
    "another action": ({"action": "refuse_all", "choices": EVERY_YES}, "/action"),
    "an unknown action": ({"action": "undo"}, "/action"),
    "an unknown answer": ({"choices": {**EVERY_YES, "video": "maybe"}}, "/choices/video"),
    "an unknown surface": ({"surface": "popup"}, "/surface"),
    "a guessable visitor": ({"visitor": "1"}, "/visitor"),
    "a guessable id": ({"id": "1"}, "/id"),
    "no time": ({"decided_at": "yesterday"}, "/decided_at"),
    "a time without a zone": ({"decided_at": "2026-11-23T12:00:00"}, "/decided_at"),
    "a time to come": ({"decided_at": TO_COME}, "/decided_at"),
}
SYSTEM: Final[dict[str, Fault]] = {
    "an e-mail as a phone": ({"subject": {"phone": EMAIL}}, "/subject/phone"),
    "a phone as an e-mail": ({"subject": {"email": "+33199001234"}}, "/subject/email"),
    "nobody": ({"subject": {"country": "FR"}}, "/subject"),
    "a country in words": ({"subject": {**ADA, "country": "France"}}, "/subject/country"),
    "an unknown version": ({"notice_version": NO_VERSION}, "/notice_version"),
    "a yes without version": ({"notice_version": None}, "/notice_version"),
    "an unknown purpose": ({"choices": {"nobody": "granted"}}, "/choices/nobody"),
    "a purpose not in it": ({"choices": {"satisfaction_surveys": "granted"}}, "/choices"),
    "an unknown weight": ({"assertion": "sworn"}, "/assertion"),
    "a yes of no weight": ({"assertion": None}, "/assertion"),
    "evidence not there": ({"assertion": "evidenced"}, "/evidence"),
    "a time to come": ({"decided_at": TO_COME}, "/decided_at"),
}
ASKED: Final[dict[str, Fault]] = {
    "an e-mail as a phone": ({"subject": {"phone": EMAIL}}, "/subject/phone"),
    "two at once": ({"subject": {**ADA, "phone": "+33199001234"}}, "/subject"),
    "nobody": ({"subject": {}}, "/subject"),
    "no question": ({"purpose": None}, "/purpose"),
}
PEOPLE: Final[dict[str, Fault]] = {
    "an e-mail as a phone": ({"identifiers": [{"phone": EMAIL}]}, "/identifiers/0/phone"),
    "two in one": ({"identifiers": [{**ADA, "external_id": "1"}]}, "/identifiers/0"),
    "an unknown tie": ({"relationships": [{"kind": "friend"}]}, "/relationships/0/kind"),
    "no source": ({"source": None}, "/source"),
}


@pytest.mark.parametrize("case", BROWSER)
def test_a_browser_that_says_something_wrong_is_told_where(ground: Ground, case: str) -> None:
    but, pointer = BROWSER[case]
    body = ground.ours.choice(**but)
    before = ground.dump()
    refuse(ground.ours.choose(body), 422, pointer)
    assert ground.dump() == before


def test_a_browser_that_names_the_version_of_a_form_is_told_so(ground: Ground) -> None:
    body = ground.ours.choice(notice_version=ground.ours.form)
    refuse(ground.ours.choose(body), 422, "/notice_version")


@pytest.mark.parametrize("case", SYSTEM)
def test_a_system_that_says_something_wrong_is_told_where(ground: Ground, case: str) -> None:
    but, pointer = SYSTEM[case]
    try_out(ground, "/v1/decisions", {**ground.ours.told(ADA), **but}, pointer)


def test_a_system_that_names_an_unknown_decision_before_this_one_is_told_so(
    ground: Ground,
) -> None:
    body = ground.ours.told(ADA, previous=NO_DECISION)
    try_out(ground, "/v1/decisions", body, "", status=409, code="unknown_previous")


@pytest.mark.parametrize("case", ASKED)
def test_a_question_that_makes_no_sense_is_told_where(ground: Ground, case: str) -> None:
    but, pointer = ASKED[case]
    body = {"subject": ADA, "purpose": "newsletter", **but}
    try_out(ground, "/v1/permissions", body, pointer)


def test_a_question_about_the_future_is_refused(ground: Ground) -> None:
    body = {"subject": ADA, "purpose": "newsletter", "at": TO_COME}
    try_out(ground, "/v1/permissions", body, "/at")


@pytest.mark.parametrize(
    ("but", "pointer"),
    [({"purpose": "nobody"}, "/purpose"), ({"subject": {"phone": EMAIL}}, "/subject/phone")],
)
def test_a_link_for_nothing_or_nobody_is_refused(
    ground: Ground, but: dict[str, Any], pointer: str
) -> None:
    body = {"subject": ADA, "purpose": "newsletter", **but}
    try_out(ground, "/v1/unsubscribe-links", body, pointer)


@pytest.mark.parametrize("case", PEOPLE)
def test_a_person_described_wrongly_is_refused(ground: Ground, case: str) -> None:
    but, pointer = PEOPLE[case]
    try_out(ground, "/v1/subjects", {"identifiers": [ADA], "source": "x", **but}, pointer)


@pytest.mark.parametrize(("size", "status"), [(70_000, 413), (60_000, 422)])
def test_a_body_over_the_limit_is_not_read(ground: Ground, size: int, status: int) -> None:
    body = {**ground.ours.told(ADA), "source": "x" * size}
    pointer = "" if status == 413 else "/source"
    try_out(ground, "/v1/decisions", body, pointer, status=status)


def try_out(
    ground: Ground,
    path: str,
    body: dict[str, Any],
    pointer: str,
    *,
    status: int = 422,
    code: str = "",
) -> None:
    """Send a body with one fault; it is refused, the fault is named, and nothing is kept."""
    sent = {name: value for name, value in body.items() if value is not None}
    before = ground.dump()
    told = refuse(ground.ours.post(path, sent), status, pointer)
    assert not code or told["code"] == code
    assert ground.dump() == before


def refuse(answer: Any, status: int, pointer: str) -> dict[str, Any]:
    """Hold an answer to be a problem of this status that names this field, or one within."""
    told: dict[str, Any] = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), told
    if pointer:
        named = [each["pointer"] for each in told["errors"]]
        assert any(f"{one}/".startswith(f"{pointer}/") for one in named), told
    # Nothing that was sent comes back: an error is kept in other people's logs.
    assert EMAIL not in answer.get_data(as_text=True)
    return told
