"""The banner's door: a visitor's choice is kept once, checked against its words, and proved."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import Sql, read, write
from consent_server.fsck import check_all
from consent_server.ids import parse, public

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House

_COUNT = Sql("SELECT COUNT(*) FROM decision WHERE organisation_id = :organisation")


def decisions(house: House) -> int:
    with read(house.organisation) as tx:
        return int(tx.run(_COUNT, {"organisation": house.organisation})[0][0])


def test_a_choice_is_recorded_with_its_receipt_and_its_standing(house: House) -> None:
    answer = house.choose(house.choice("accept_all"))
    assert answer.status_code == 201
    written = answer.get_json()
    assert written["id"].startswith("dec_")
    assert written["subject"].startswith("sub_")
    assert written["standing"] == {
        "analytics": "granted",
        "advertising": "granted",
        "video": "granted",
    }
    assert "ask_again" not in written
    assert list(check_all()) == []


def test_the_same_choice_sent_again_is_the_same_decision(house: House) -> None:
    body = house.choice("refuse_all")
    first, second = house.choose(body), house.choose(dict(reversed(body.items())))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert decisions(house) == 1


def test_the_same_id_with_another_body_is_refused_and_nothing_written(house: House) -> None:
    body = house.choice("refuse_all")
    house.choose(body)
    other = {**house.choice("accept_all"), "id": body["id"], "visitor": body["visitor"]}
    answer = house.choose(other)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/id"
    assert decisions(house) == 1


def test_a_visitor_takes_back_what_she_gave_and_is_believed_at_once(house: House) -> None:
    given = house.choice("accept_all")
    house.choose(given)
    visitor = {"visitor": given["visitor"]}
    assert house.why(visitor, "analytics") == "consent"
    taken = house.choice("withdraw_all", visitor=given["visitor"], previous=given["id"])
    assert house.choose(taken).get_json()["standing"]["analytics"] == "withdrawn"
    assert house.why(visitor, "analytics") == "withdrawn"


def test_a_yes_given_before_a_no_was_recorded_is_answered_later_no(
    house: House, clock: HandClock
) -> None:
    given = house.choice("refuse_all")
    house.choose(given)
    clock.advance(seconds=5)
    late = house.choice(
        "accept_all",
        visitor=given["visitor"],
        decided_at=house.at(clock() - timedelta(minutes=1)),
    )
    answer = house.choose(late)
    assert answer.status_code == 409
    problem = answer.get_json()
    assert problem["code"] == "later_no"
    assert problem["standing"] == dict.fromkeys(given["choices"], "refused")
    assert decisions(house) == 1


def test_a_yes_that_names_the_no_as_previous_stands_whatever_its_clock_says(
    house: House, clock: HandClock
) -> None:
    given = house.choice("refuse_all")
    house.choose(given)
    late = house.choice(
        "accept_all",
        visitor=given["visitor"],
        previous=given["id"],
        decided_at=house.at(clock() - timedelta(hours=1)),
    )
    assert house.choose(late).status_code == 201
    assert house.why({"visitor": given["visitor"]}, "video") == "consent"
    assert list(check_all()) == []


def test_a_chain_made_offline_and_sent_in_order_ends_as_the_visitor_ended_it(
    house: House, clock: HandClock
) -> None:
    visitor = secrets.token_urlsafe(16)
    offline = [clock() - timedelta(minutes=minutes) for minutes in (30, 20, 10)]
    before: dict[str, Any] = {}
    for moment, action in zip(offline, ("refuse_all", "refuse_all", "accept_all"), strict=True):
        body = house.choice(action, visitor=visitor, decided_at=house.at(moment), **before)
        assert house.choose(body).status_code == 201
        before = {"previous": body["id"]}
        clock.advance(seconds=1)
    assert house.why({"visitor": visitor}, "analytics") == "consent"


def test_an_unknown_previous_asks_to_be_sent_first(house: House) -> None:
    body = house.choice("accept_all", previous=secrets.token_urlsafe(16))
    answer = house.choose(body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "unknown_previous")
    # The id is not used up: the browser may send the same choice once the other arrived.
    del body["previous"]
    assert house.choose(body).status_code == 201


@pytest.mark.parametrize("name", ["never-arrived-anywhere", public("dec", 12345)])
def test_a_no_is_recorded_even_when_what_it_follows_is_unknown(house: House, name: str) -> None:
    given = house.choice("accept_all")
    house.choose(given)
    body = house.choice("refuse_all", visitor=given["visitor"], previous=name)
    answer = house.choose(body)
    assert answer.status_code == 201
    assert house.why({"visitor": given["visitor"]}, "analytics") == "withdrawn"
    shown = house.get(f"/v1/decisions/{answer.get_json()['id']}").get_json()
    assert shown["previous"] is None
    assert list(check_all()) == []


def test_a_yes_among_noes_still_waits_for_what_it_follows(house: House) -> None:
    mixed = {"analytics": "granted", "advertising": "refused", "video": "refused"}
    body = house.choice("save", choices=mixed, previous=secrets.token_urlsafe(16))
    answer = house.choose(body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "unknown_previous")
    assert decisions(house) == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"action": "accept_some"}, "/action", id="unknown action"),
        pytest.param({"visitor": "short"}, "/visitor", id="visitor too short"),
        pytest.param({"choices": {}}, "/choices", id="no choice"),
        pytest.param({"choices": {"analytics": "granted"}}, "/choices", id="not all answered"),
        pytest.param({"choices": {"analytics": True}}, "/choices/analytics", id="true"),
        pytest.param({"language": "../etc"}, "/language", id="not a language"),
        pytest.param({"notice_version": "ntv_0000000000001"}, "/notice_version", id="unknown"),
        pytest.param({"notice_version": 7}, "/notice_version", id="number for an id"),
        pytest.param({"decided_at": "yesterday"}, "/decided_at", id="not a time"),
        pytest.param({"decided_at": "2031-01-01T00:00:00Z"}, "/decided_at", id="future"),
        pytest.param({"extra": 1}, "/extra", id="unknown field"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(
    house: House, change: dict[str, Any], pointer: str
) -> None:
    answer = house.choose({**house.choice("accept_all"), **change})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert pointer in {fault["pointer"] for fault in answer.get_json()["errors"]}
    assert decisions(house) == 0


def test_choices_that_contradict_the_action_are_refused(house: House) -> None:
    mixed = {"analytics": "granted", "advertising": "refused", "video": "refused"}
    for action in ("accept_all", "refuse_all", "withdraw_all", "gpc"):
        answer = house.choose(house.choice(action, choices=mixed))
        assert answer.get_json()["errors"][0]["pointer"] == "/action"
    assert house.choose(house.choice("save", choices=mixed)).status_code == 201


def test_a_purpose_that_is_not_in_the_notice_is_refused_by_its_name(house: House) -> None:
    body = house.choice("accept_all")
    body["choices"]["newsletter"] = "granted"
    answer = house.choose(body)
    pointers = {fault["pointer"] for fault in answer.get_json()["errors"]}
    assert (answer.status_code, pointers) == (422, {"/choices/newsletter"})


def test_only_the_site_s_own_pages_may_write(house: House) -> None:
    for origin in ("http://evil.example", "null", "http://cubalys.localhost:8001.evil.example"):
        answer = house.client.post(
            f"/v1/sites/{house.site}/decisions",
            json=house.choice(),
            headers={"Origin": origin},
        )
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert decisions(house) == 0


def test_an_unknown_site_is_not_found(house: House) -> None:
    for site in ("site_0000000000001", "nowhere"):
        answer = house.client.post(f"/v1/sites/{site}/decisions", json=house.choice())
        assert answer.status_code == 404


def test_a_yes_below_the_floor_is_kept_superseded_and_asked_again(house: House) -> None:
    number = parse("ntv", house.banner)
    raise_floor = Sql(
        "INSERT INTO floor (organisation_id, notice_id, purpose_id, number, recorded_at)"
        " SELECT organisation_id, notice_id, purpose_id, 9, recorded_at FROM floor f"
        " WHERE organisation_id = :organisation AND notice_id ="
        " (SELECT notice_id FROM notice_version WHERE organisation_id = :organisation"
        "  AND id = :version)"
    )
    with write(house.organisation) as tx:
        tx.run(raise_floor, {"organisation": house.organisation, "version": number})
        bump = "UPDATE organisation_directory SET version = version + 1"
        tx.run(Sql(bump))
    body = house.choice("accept_all")
    written = house.choose(body).get_json()
    assert set(written["standing"].values()) == {"superseded"}
    assert set(written["ask_again"]) == set(body["choices"])
    assert house.why({"visitor": body["visitor"]}, "analytics") == "superseded"
    refusal = house.choice("refuse_all", visitor=body["visitor"], previous=body["id"])
    assert set(house.choose(refusal).get_json()["standing"].values()) == {"refused"}


def test_a_choice_lasts_six_months_by_the_calendar(house: House, clock: HandClock) -> None:
    body = house.choice("accept_all")
    house.choose(body)
    visitor = {"visitor": body["visitor"]}
    clock.advance(days=180)
    assert house.why(visitor, "analytics") == "consent"
    clock.advance(days=5)
    assert house.why(visitor, "analytics") == "expired"


def test_the_proof_is_pending_until_the_sequencer_has_passed(house: House) -> None:
    written = house.choose(house.choice()).get_json()
    path = f"/v1/decisions/{written['id']}"
    assert house.get(path).get_json()["ledger"] == "pending"
    assert house.get(f"{path}/proof").status_code == 409
    house.integrate()
    assert house.get(path).get_json()["ledger"] == "integrated"
    assert house.get(f"{path}/proof").status_code == 200


def test_foreign_and_missing_decisions_are_the_same_answer(house: House) -> None:
    missing = house.get(f"/v1/decisions/{public('dec', 12345)}")
    nonsense = house.get("/v1/decisions/dec_nothing")
    assert missing.status_code == nonsense.status_code == 404


def test_a_purpose_answered_twice_by_its_slug_and_its_id_is_refused(house: House) -> None:
    purposes = house.get("/v1/purposes").get_json()["purposes"]
    number = next(each["id"] for each in purposes if each["slug"] == "analytics")
    body = house.choice("save")
    body["choices"] = {number: "refused", **body["choices"], "analytics": "granted"}
    answer = house.choose(body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["detail"] == "this purpose is answered twice"
