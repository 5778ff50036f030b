"""Global Privacy Control: read, recorded, respected as the organisation says (GPC-1, GPC-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.trial import BANNER
from tests.browser.visitor import NOTHING_KEPT, body_of

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.trial import Trials
    from tests.browser.visitor import Visitor

MARKED = """<script type="text/plain" data-purpose="analytics">window.ran = true</script>"""


def says(visitor: Visitor, value: str) -> None:
    """Give the browser a signal of this value, on every page."""
    visitor.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl',"
        f" {{ get: () => {value} }})"
    )


def ran(visitor: Visitor) -> bool:
    return bool(visitor.page.evaluate("window.ran === true"))


@pytest.fixture
def recording(trials: Trials) -> Site:
    """Give a site that only records the signal."""
    return trials.site("record", lambda _: None)


@pytest.fixture
def respecting(trials: Trials) -> Site:
    """Give a site on which the signal is a refusal."""

    def change(document: dict[str, Any]) -> None:
        document["organisation"]["settings"]["privacy_signal"] = "refuse"

    return trials.site("respect", change)


@pytest.mark.parametrize(
    ("value", "recorded"), [("true", True), ("false", False), ("1", False), ("'true'", False)]
)
def test_gpc_1_only_exactly_true_counts_and_is_recorded(
    trials: Trials, recording: Site, visit: Visits, value: str, *, recorded: bool
) -> None:
    visitor = visit(recording, "en")
    says(visitor, value)
    visitor.arrives(trials.put(recording, BANNER, MARKED))
    with visitor.page.expect_request("**/decisions") as sent:
        visitor.presses("refuse_all")
    assert body_of(sent.value)["signals"] == {"gpc": recorded}


def test_gpc_2_recorded_only_it_changes_nothing_of_the_question(
    trials: Trials, recording: Site, visit: Visits
) -> None:
    visitor = visit(recording, "en")
    says(visitor, "true")
    visitor.arrives(trials.put(recording, BANNER, MARKED))
    assert visitor.page.evaluate("consent.choices") == {}
    visitor.presses("accept_all")
    visitor.sees("closed")
    assert ran(visitor)


def test_gpc_2_respected_it_is_a_no_that_nobody_has_to_say(
    trials: Trials, respecting: Site, visit: Visits
) -> None:
    visitor = visit(respecting, "en")
    says(visitor, "true")
    visitor.arrives(trials.put(respecting, BANNER, MARKED), asked=False)
    visitor.waits()
    assert not ran(visitor)
    assert set(visitor.page.evaluate("Object.values(consent.choices)")) == {"refused"}
    assert visitor.sent == []
    assert visitor.cookies == {}
    assert visitor.kept_on_device == NOTHING_KEPT


def test_gpc_2_a_later_yes_of_ones_own_wins_and_is_recorded_with_the_signal(
    trials: Trials, respecting: Site, visit: Visits
) -> None:
    visitor = visit(respecting, "en")
    says(visitor, "true")
    address = trials.put(respecting, BANNER, MARKED)
    visitor.arrives(address, asked=False)
    visitor.presses("open")
    with visitor.page.expect_request("**/decisions") as sent:
        visitor.presses("accept_all")
    assert body_of(sent.value)["signals"] == {"gpc": True}
    visitor.receipt()
    visitor.arrives(address, asked=False)
    visitor.page.wait_for_function("window.ran")


@pytest.mark.parametrize("value", ["undefined", "false", "1"])
def test_gpc_1_without_the_signal_a_site_that_respects_it_asks(
    trials: Trials, respecting: Site, visit: Visits, value: str
) -> None:
    visitor = visit(respecting, "en")
    says(visitor, value)
    visitor.arrives(trials.put(respecting, BANNER, MARKED))
    assert visitor.page.evaluate("consent.choices") == {}
