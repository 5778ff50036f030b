"""`window.consent`: what a page asks and says, and what is recorded of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.visitor import body_of

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

ALL_NO = {"analytics": "refused", "advertising": "refused", "video": "refused"}
ALL_YES = {"analytics": "granted", "advertising": "granted", "video": "granted"}


def ask(visitor: Visitor, what: str) -> Any:
    """Evaluate something of `consent` on the page."""
    return visitor.page.evaluate(f"consent.{what}")


@pytest.fixture
def visitor(cubalys: Site, visit: Visits) -> Visitor:
    """Give somebody who has arrived and not answered."""
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    return visitor


def test_before_a_choice_nothing_is_answered_and_only_what_is_exempt_may_run(
    visitor: Visitor,
) -> None:
    assert ask(visitor, "choices") == {}
    assert ask(visitor, "granted('analytics')") is False
    assert ask(visitor, "granted('necessary')") is True
    assert ask(visitor, "granted('nothing-of-ours')") is False
    assert visitor.page.evaluate("consent.ready.then((same) => same === consent)") is True


@pytest.mark.parametrize(
    ("said", "expected", "action"),
    [
        pytest.param("accept()", ALL_YES, "accept_all", id="accept"),
        pytest.param("refuse()", ALL_NO, "refuse_all", id="refuse"),
        pytest.param(
            "save({analytics: true})", {**ALL_NO, "analytics": "granted"}, "save", id="save"
        ),
    ],
)
def test_what_a_page_says_is_recorded_as_said_on_the_page(
    visitor: Visitor, said: str, expected: dict[str, str], action: str
) -> None:
    ask(visitor, said)
    assert ask(visitor, "choices") == expected
    visitor.sees("closed")
    decision = visitor.decision()
    assert decision["choices"] == expected
    assert (decision["action"], decision["surface"]) == (action, "page")


def test_the_cookie_holds_what_was_said_when_the_page_hears_of_it(visitor: Visitor) -> None:
    heard = visitor.page.evaluate(
        """() => {
          const heard = []
          for (const type of ['decision', 'change'])
            consent.on(type, () => heard.push([type, document.cookie]))
          consent.accept()
          return heard
        }"""
    )
    assert [what for what, _ in heard] == ["decision", "change"]
    for _, cookie in heard:
        assert all(f"-{slug}" in cookie for slug in ALL_YES)


def test_a_yes_starts_the_tracker_and_taking_it_back_deletes_its_cookies(
    visitor: Visitor,
) -> None:
    ask(visitor, "accept()")
    visitor.sees_lit("analytics", "advertising")
    visitor.receipt()
    ask(visitor, "refuse()")
    visitor.keeps_cookies({"consent"})
    assert visitor.decision()["action"] == "withdraw_all"


def test_a_change_is_heard_until_the_listener_stops(visitor: Visitor) -> None:
    visitor.page.evaluate(
        """() => {
          window.changes = []
          window.stop = consent.on('change', (choices) => changes.push(choices.analytics))
        }"""
    )
    ask(visitor, "accept()")
    ask(visitor, "refuse()")
    visitor.page.evaluate("stop()")
    ask(visitor, "accept()")
    assert visitor.page.evaluate("changes") == ["granted", "refused"]


def test_reset_withdraws_forgets_and_asks_again(visitor: Visitor) -> None:
    ask(visitor, "accept()")
    visitor.receipt()
    # What is still loading when it is withdrawn would leave its cookies afterwards.
    visitor.sees_lit("analytics", "advertising", "video")
    before = visitor.memory[1]
    with visitor.page.expect_response("**/decisions") as answer:
        ask(visitor, "reset()")
    assert answer.value.status == 201
    assert body_of(answer.value.request)["action"] == "withdraw_all"
    visitor.sees("first_layer")
    assert ask(visitor, "choices") == {}
    visitor.keeps_cookies(set())
    visitor.arrives(visitor.site.home())
    visitor.presses("refuse_all")
    visitor.receipt()
    assert visitor.memory[1] != before


def test_the_second_layer_opens_with_the_answers_that_stand(visitor: Visitor) -> None:
    ask(visitor, "save({video: true})")
    ask(visitor, "open()")
    visitor.sees("second_layer")
    assert visitor.switch("video").is_checked()
    assert not visitor.switch("analytics").is_checked()


def test_nothing_that_a_page_puts_there_changes_it(visitor: Visitor) -> None:
    said = visitor.page.evaluate(
        """() => {
          const before = consent.granted
          try { consent.granted = () => true } catch {}
          consent.choices.analytics = 'granted'
          return [consent.granted === before, consent.choices, consent.granted('analytics')]
        }"""
    )
    assert said == [True, {}, False]
