"""A quota refuses what can wait; a withdrawal cannot, through whichever door it comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.newsletters.world import count
from tests.support.figures import figure
from tests.support.house import ORIGIN

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.house import House


@pytest.fixture
def tight(app: Flask, house: House) -> House:
    """Give a house whose every rate is used up after two requests of a minute."""
    settings = app.extensions["consent.settings"]
    limits = replace(settings.limits, decisions="2/minute", pages="2/minute")
    app.extensions["consent.settings"] = replace(settings, limits=limits)
    return house


def test_a_visitor_who_said_yes_may_say_no_over_any_quota(tight: House) -> None:
    first = tight.choice("accept_all")
    assert tight.choose(first).status_code == 201
    assert tight.choose(tight.choice("accept_all")).status_code == 201
    over = tight.choice("accept_all", visitor=first["visitor"])
    assert tight.choose(over).status_code == 429
    no = tight.choice("withdraw_all", visitor=first["visitor"], previous=first["id"])
    left = tight.choose(no)
    assert left.status_code == 201
    assert left.headers["RateLimit"].startswith('"decisions";r=0;')
    assert tight.why({"visitor": first["visitor"]}, "analytics") == "withdrawn"


def test_security_48_a_no_of_nobody_known_is_refused_like_any_other_body(tight: House) -> None:
    for _ in range(2):
        assert tight.choose(tight.choice("refuse_all")).status_code == 201
    refused = tight.choose(tight.choice("refuse_all"))
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_security_48_junk_of_many_networks_fills_a_table_by_their_quotas_and_no_more(
    tight: House,
) -> None:
    networks = figure(3, 1000)
    seen = Counter(
        tight.client.post(
            f"/v1/sites/{tight.site}/decisions",
            json=tight.choice(),
            headers={"Origin": ORIGIN},
            environ_base={"REMOTE_ADDR": f"10.{number // 250}.{number % 250}.1"},
        ).status_code
        # A hundred times what each may.
        for _ in range(figure(20, 200))
        for number in range(networks)
    )
    assert set(seen) == {201, 429}
    assert seen[201] == count(tight, "decision") == 2 * networks


def test_whoever_has_a_link_may_always_leave_by_it(tight: House) -> None:
    who = {"email": "ada@people.example"}
    tight.tell(who)
    asked: dict[str, Any] = {"subject": who, "purpose": "newsletter"}
    url = tight.post("/v1/unsubscribe-links", asked).get_json()["url"]
    path = "/u/" + url.rpartition("/")[2]
    assert [tight.client.get(path).status_code for _ in range(3)] == [200, 200, 429]
    click = tight.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert click.status_code == 200
    assert tight.why(who) == "withdrawn"
    guess = tight.client.post("/u/" + "x" * 60, data={"List-Unsubscribe": "One-Click"})
    assert guess.status_code in {404, 429}
