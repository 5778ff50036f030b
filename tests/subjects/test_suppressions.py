"""Suppressions: not until the person says otherwise, whoever else says what."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent_server.fsck import check_all
from tests.newsletters.world import count, dump
from tests.rights.world import ADA, CRM, PHONE, erase, know, say_yes_herself
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from consent_server.config import Settings
    from tests.support.clock import HandClock
    from tests.support.house import House

PATH = "/v1/suppressions"


def suppress(house: House, subject: dict[str, str], scope: str, **more: Any) -> Any:
    answer = house.post(PATH, {"subject": subject, "scope": scope, **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()["suppressions"]


@pytest.mark.parametrize(
    ("scope", "stopped", "open_still"),
    [
        ("marketing", ["newsletter", "prospecting.phone"], []),
        ("channel:email", ["newsletter"], ["prospecting.phone"]),
        ("purpose:newsletter", ["newsletter"], ["prospecting.phone"]),
    ],
)
def test_each_scope_stops_what_it_names_and_nothing_else(
    house: House, scope: str, stopped: list[str], open_still: list[str]
) -> None:
    yes = {"newsletter": "granted", "prospecting.phone": "granted"}
    house.tell({**ADA, **PHONE}, choices=yes)
    suppress(house, ADA, scope)
    for purpose in stopped:
        assert house.why(ADA, purpose) == "suppressed", purpose
    for purpose in open_still:
        # Whatever the hour: she may be called, though perhaps not at noon.
        assert house.why(PHONE, purpose) in {"consent", "not_now"}, purpose
    house.integrate()
    assert list(check_all()) == []


def test_somebody_unknown_is_suppressed_without_becoming_a_subject(house: House) -> None:
    (one,) = suppress(house, ADA, "marketing")
    assert one["added"] is True
    assert count(house, "subject") == count(house, "identifier") == 0
    assert house.why(ADA) == "suppressed"
    house.tell(ADA)
    assert house.why(ADA) == "suppressed"


def test_the_same_again_is_the_same_suppression_and_tells_nobody_twice(house: House) -> None:
    first = suppress(house, ADA, "marketing", reason="objected")
    loud = {"email": "ADA.Lindqvist@People.Example"}
    again = suppress(house, loud, "marketing", reason="complained")
    assert [each["id"] for each in again] == [each["id"] for each in first]
    assert again[0]["added"] is False
    house.integrate()
    events = house.get("/v1/events").get_json()["events"]
    told = [each for each in events if each["type"] == "suppression.added"]
    assert [each["scope"] for each in told] == ["marketing"]


def test_a_list_is_answered_in_its_order_and_refused_whole(house: House) -> None:
    many = [
        {"subject": {"email": f"reader{number}@people.example"}, "scope": "marketing"}
        for number in range(20)
    ]
    answer = house.post(PATH, {"suppressions": many})
    assert [each["added"] for each in answer.get_json()["suppressions"]] == [True] * 20
    bad = {"suppressions": [*many, {"subject": {"email": "no"}, "scope": "marketing"}]}
    before = dump(house)
    refused = house.post(PATH, bad)
    assert refused.status_code == 422
    pointers = [each["pointer"] for each in refused.get_json()["errors"]]
    assert pointers == ["/suppressions/20/subject/email"]
    assert dump(house) == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"subject": ADA, "scope": "everything"}, "/scope"),
        ({"subject": ADA, "scope": "channel:pigeon"}, "/scope"),
        ({"subject": ADA, "scope": "purpose:no.such"}, "/scope"),
        ({"subject": ADA, "scope": "purpose:necessary"}, "/scope"),
        ({"subject": ADA, "scope": "purpose:analytics"}, "/scope"),
        ({"subject": ADA, "scope": "marketing", "reason": "erased"}, "/reason"),
        ({"subject": {"email": "+33 6 12"}, "scope": "marketing"}, "/subject/email"),
        ({"subject": {"phone": "a@b.example"}, "scope": "marketing"}, "/subject/phone"),
        ({"subject": {"visitor": "v" * 22}, "scope": "marketing"}, "/subject/visitor"),
        ({"subject": {}, "scope": "marketing"}, "/subject"),
        ({"subject": ADA}, ""),
        ({"suppressions": []}, "/suppressions"),
    ],
)
def test_a_bad_request_names_its_field_and_echoes_no_address(
    house: House, body: dict[str, Any], pointer: str
) -> None:
    answer = house.post(PATH, body)
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.get_json()["errors"]]
    assert "lindqvist" not in answer.get_data(as_text=True)
    assert count(house, "suppression") == 0


def test_the_list_is_paged_and_names_nobody(house: House) -> None:
    for number in range(5):
        suppress(house, {"email": f"reader{number}@people.example"}, "purpose:newsletter")
        house.clock.advance(seconds=1)
    seen: list[str] = []
    after = ""
    while True:
        answer = house.get(f"{PATH}?limit=2{after}")
        assert "people.example" not in answer.get_data(as_text=True)
        told = answer.get_json()
        seen += [each["id"] for each in told["suppressions"]]
        if told["next"] is None:
            break
        after = f"&after={told['next']}"
    assert len(seen) == len(set(seen)) == 5
    assert house.get(f"{PATH}?after=sup_0000000000001").status_code == 404
    one = house.get(f"{PATH}?limit=1").get_json()["suppressions"][0]
    assert (one["kind"], one["scope"], one["reason"], one["lifted"]) == (
        "email",
        "purpose:newsletter",
        "asked",
        [],
    )


def test_promise_10_no_call_takes_a_suppression_back(house: House) -> None:
    (one,) = suppress(house, ADA, "marketing")
    for path in (PATH, f"{PATH}/{one['id']}"):
        for method in ("DELETE", "PUT", "PATCH"):
            answer = house.client.open(path, method=method, headers=house.headers, json={})
            assert answer.status_code in {404, 405}
    assert house.why(ADA) == "suppressed"


def test_promise_8_anothers_suppression_is_no_matter_and_its_id_unknown(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    other = bearer(make_key(clock, make_organisation(clock)))
    body = {"subject": ADA, "scope": "marketing"}
    theirs = house.client.post(PATH, json=body, headers=other).get_json()["suppressions"][0]
    assert house.why(ADA) == "consent"
    assert house.get(PATH).get_json()["suppressions"] == []
    foreign = house.get(f"{PATH}?after={theirs['id']}")
    missing = house.get(f"{PATH}?after=sup_0000000000001")
    assert (foreign.status_code, foreign.data) == (missing.status_code, missing.data)


def test_one_who_shares_a_phone_stops_the_phone_and_not_the_others_mail(house: House) -> None:
    family, bea = {**PHONE, "shared": True}, {"email": "bea@people.example"}
    know(house, ADA, family)
    know(house, bea, family)
    house.tell(bea)
    suppress(house, PHONE, "marketing")
    assert house.why(bea) == "consent"
    assert house.why(PHONE, "prospecting.phone") == "suppressed"
    assert house.why(bea, at=house.at(house.clock())) == "consent"


def test_a_bounce_stops_the_address_and_not_the_person_s_other_one(house: House) -> None:
    work = {"email": "ada@work.example"}
    know(house, ADA, work)
    house.tell(ADA)
    house.tell(work)
    suppress(house, work, "channel:email", reason="bounced")
    assert house.why(work) == "suppressed"
    assert house.why(ADA) == "consent"
    later = house.at(house.clock())
    assert (house.why(work, at=later), house.why(ADA, at=later)) == ("suppressed", "consent")
    suppress(house, CRM, "marketing")
    assert house.why(ADA) == "consent"
    know(house, ADA, CRM)
    assert house.why(ADA) == "suppressed"


def test_the_journal_has_a_line_for_each_that_names_nobody(
    house: House, settings: Settings
) -> None:
    (one,) = suppress(house, ADA, "marketing")
    suppress(house, ADA, "marketing")
    text = (settings.data / "journal" / "suppressions.jsonl").read_text()
    (line,) = [json.loads(each) for each in text.splitlines()]
    assert (line["suppression"], line["scope"]) == (one["id"], "marketing")
    assert "lindqvist" not in text


def test_a_lookup_of_a_past_day_is_no_other_after_a_lift(house: House) -> None:
    house.tell(ADA)
    suppress(house, ADA, "marketing")
    then = house.at(house.clock())
    house.clock.advance(days=1)
    say_yes_herself(house, "newsletter")
    assert house.why(ADA) == "consent"
    assert house.why(ADA, at=then) == "suppressed"
    told = house.get(PATH).get_json()["suppressions"][0]
    assert [each["purpose"] for each in told["lifted"]] == ["newsletter"]
    # It says no to the rest, and a new one says no to all of it again.
    assert suppress(house, ADA, "marketing")[0]["added"] is True
    assert house.why(ADA) == "suppressed"


def test_a_purpose_s_own_suppression_is_closed_by_the_yes_that_lifts_it(house: House) -> None:
    suppress(house, ADA, "purpose:newsletter")
    house.clock.advance(days=1)
    say_yes_herself(house, "newsletter")
    assert house.why(ADA) == "consent"
    told = house.get(PATH).get_json()["suppressions"][0]
    assert told["closed_at"] is not None
    house.integrate()
    assert list(check_all()) == []


DEEDS = st.lists(
    st.sampled_from(
        ["stop all", "stop it", "stop mail", "asserted", "evidenced", "key saw it", "herself",
         "herself, another", "erase", "erase, no more", "facts"]
    ),
    min_size=1,
    max_size=7,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(deeds=DEEDS)
def test_promise_10_nothing_but_her_own_later_yes_ends_a_suppression(
    house: House, deeds: list[str]
) -> None:
    who = {"email": f"{secrets.token_hex(8)}@people.example"}
    stopped = False
    for deed in deeds:
        house.clock.advance(seconds=1)
        do(house, who, deed)
        if deed.startswith("stop") or deed == "erase":
            stopped = True
        if deed == "herself":
            stopped = False
        assert not (stopped and house.ask(who)["allowed"]), deeds
        if deed == "herself":
            assert house.ask(who)["allowed"], deeds


def do(house: House, who: dict[str, str], deed: str) -> None:
    if deed.startswith("stop"):
        scopes = {"all": "marketing", "it": "purpose:newsletter", "mail": "channel:email"}
        suppress(house, who, scopes[deed.removeprefix("stop ")])
    elif deed == "herself":
        say_yes_herself(house, "newsletter", who["email"])
    elif deed == "herself, another":
        say_yes_herself(house, "prospecting.phone", who["email"])
    elif deed.startswith("erase"):
        erase(house, who, suppress=deed == "erase")
    elif deed == "facts":
        know(house, who, relationships=[{"kind": "customer"}], capacity="consumer")
    else:
        assertion = {"key saw it": "witnessed"}.get(deed, deed)
        evidence = {"evidence": "form 12"} if assertion == "evidenced" else {}
        assert house.tell(who, assertion=assertion, **evidence).status_code == 201
