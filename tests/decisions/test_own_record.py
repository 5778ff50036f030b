"""A visitor sees and takes away every answer they gave on a site, by the id they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.house import ORIGIN

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.clock import HandClock
    from tests.support.house import House

VISITOR = "visitor-of-22-letters-"


def ask(house: House, visitor: str, do: str = "show", origin: str = ORIGIN) -> TestResponse:
    return house.client.post(
        f"/v1/sites/{house.site}/record",
        json={"visitor": visitor, "do": do},
        headers={"Origin": origin},
    )


def choose(house: House, action: str, visitor: str = VISITOR) -> dict[str, Any]:
    answer = house.choose(house.choice(action, visitor=visitor))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    return told


def test_the_record_holds_every_decision_with_its_words_time_choices_and_receipt(
    house: House, clock: HandClock
) -> None:
    first = choose(house, "accept_all")
    clock.advance(days=1)
    second = choose(house, "withdraw_all")
    answer = ask(house, VISITOR)
    assert answer.status_code == 200
    told = answer.get_json()
    assert [each["decision"] for each in told["decisions"]] == [second["id"], first["id"]]
    assert told["total"] == 2
    assert told["sites"] == ["cubalys.example"]
    latest = told["decisions"][0]
    assert latest["receipt"] == second["receipt"]
    assert latest["recorded_at"] == second["recorded_at"]
    assert latest["notice_version"] == house.banner
    assert {each["answer"] for each in latest["choices"]} == {"withdrawn"}
    page = house.client.get(latest["receipt_url"].partition("://")[2].partition("/")[2])
    assert page.status_code == 200
    assert VISITOR not in answer.get_data(as_text=True)


def test_the_export_is_the_whole_record_as_a_file_that_nobody_keeps(house: House) -> None:
    choose(house, "accept_all")
    answer = ask(house, VISITOR, "export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["decisions"] == ask(house, VISITOR).get_json()["decisions"]


def test_another_id_opens_an_empty_record_that_looks_the_same(house: House) -> None:
    choose(house, "accept_all")
    told = ask(house, "another-of-22-letters-").get_json()
    assert told["decisions"] == []
    assert told["total"] == 0
    assert told["sites"] == ["cubalys.example"]


def test_erasing_is_not_offered_before_it_is_built(house: House) -> None:
    assert ask(house, VISITOR).get_json()["offers"] == ["show", "export"]
    refused = ask(house, VISITOR, "erase")
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/do"


def test_what_was_told_through_other_doors_of_the_same_person_is_not_shown(
    house: House,
) -> None:
    choose(house, "accept_all")
    both = {"visitor": VISITOR, "email": "ada.lindqvist@people.example"}
    assert house.tell(both).status_code == 201
    told = ask(house, VISITOR).get_json()
    assert told["total"] == 1
    assert "newsletter" not in str(told)


def test_only_pages_of_the_site_may_ask(house: House) -> None:
    own = ask(house, VISITOR)
    assert own.headers["Access-Control-Allow-Origin"] == ORIGIN
    foreign = ask(house, VISITOR, origin="https://evil.example")
    assert foreign.status_code == 403
    assert "Access-Control-Allow-Origin" not in foreign.headers


@pytest.mark.parametrize("visitor", ["", "short", "a" * 65, "a b" * 10, None, 5])
def test_what_is_no_visitor_id_is_refused_by_name(house: House, visitor: Any) -> None:
    answer = ask(house, visitor)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/visitor"


def test_asking_is_rate_limited(app: Flask, house: House) -> None:
    settings = app.extensions["consent.settings"]
    app.extensions["consent.settings"] = replace(
        settings, limits=replace(settings.limits, pages="2/minute")
    )
    assert [ask(house, VISITOR).status_code for _ in range(3)] == [200, 200, 429]
