"""A visitor sees and takes away every answer they gave on a site, by the id they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.fsck import check_all
from tests.newsletters.world import count, dump
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


def test_erasing_leaves_an_empty_record_and_no_row_of_the_visitor(house: House) -> None:
    written = choose(house, "accept_all")
    house.integrate()
    offered = ask(house, VISITOR).get_json()["offers"]
    assert offered == ["show", "export", "erase"]
    erased = ask(house, VISITOR, "erase")
    assert erased.status_code == 200
    assert erased.get_json()["erased"] is True
    assert erased.get_json()["decisions"] == ask(house, VISITOR).get_json()["decisions"] == []
    for table in ("subject", "identifier", "decision", "standing"):
        assert count(house, table) == 0, table
    assert house.get(f"/v1/decisions/{written['id']}/proof").status_code == 410
    assert house.client.get(f"/v1/receipts/{written['receipt']}").status_code == 404
    assert house.why({"visitor": VISITOR}, "analytics") == "never_asked"
    house.integrate()
    assert list(check_all()) == []
    events = house.get("/v1/events").get_json()["events"]
    assert events[-1]["type"] == "subject.erased"
    assert events[-1]["subject"] == written["subject"]


def test_erasing_an_id_that_nobody_has_changes_nothing_and_looks_the_same(
    house: House,
) -> None:
    choose(house, "accept_all")
    before = dump(house)
    told = ask(house, "another-of-22-letters-", "erase").get_json()
    assert (told["erased"], told["decisions"]) == (True, [])
    assert dump(house) == before
    assert ask(house, VISITOR, "erase").status_code == 200
    gone = dump(house)
    assert ask(house, VISITOR, "erase").status_code == 200
    assert dump(house) == gone


def test_erasing_by_the_visitor_id_takes_nothing_that_was_said_elsewhere(
    house: House,
) -> None:
    ada = {"email": "ada.lindqvist@people.example"}
    choose(house, "accept_all")
    assert house.tell({"visitor": VISITOR, **ada}).status_code == 201
    assert ask(house, VISITOR, "erase").get_json()["total"] == 0
    assert house.why(ada) == "consent"
    assert house.why({"visitor": VISITOR}, "analytics") == "never_asked"
    house.integrate()
    assert list(check_all()) == []


def test_erasing_a_linked_visitor_leaves_the_person_and_her_noes(house: House) -> None:
    ada, ben = {"email": "ada.lindqvist@people.example"}, {"phone": "+33612345678"}
    visitor = choose(house, "accept_all")["subject"]
    people = [house.tell(each).get_json()["subject"] for each in (ada, ben)]
    for person in people:
        body = {"subjects": [visitor, person], "source": "log-in"}
        assert house.post("/v1/links", body).status_code == 201
    house.clock.advance(hours=1)
    no = {"subject": ben, "choices": {"newsletter": "refused"}, "source": "mail"}
    house.post("/v1/decisions", no)
    assert house.why(ada) == "withdrawn"
    assert ask(house, VISITOR, "erase").status_code == 200
    # Only the visitor held the two together: they stay one person, and the no goes on acting.
    assert house.why(ada) == "withdrawn"
    house.integrate()
    assert list(check_all()) == []


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
