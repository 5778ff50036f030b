"""The systems' door: what a system saw, was told of, or has evidence of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.fsck import check_all

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House

ADA = {"email": "ada@people.example"}


def test_a_yes_on_a_form_is_a_yes_to_the_lookup(house: House) -> None:
    assert house.why(ADA) == "never_asked"
    assert house.tell(ADA).status_code == 201
    assert house.why({"email": " ADA@People.Example "}) == "consent"
    assert house.why(ADA, "prospecting.email") == "never_asked"
    assert list(check_all()) == []


def test_a_yes_opens_every_identifier_of_the_body_it_came_in(house: House) -> None:
    house.tell({**ADA, "external_id": "crm-7", "phone": "+33612345678"})
    assert house.why({"external_id": "crm-7"}) == "consent"
    assert house.why({"phone": "06 12 34 56 78"}) == "consent"
    # One that is learned later is hers, but she said nothing through it.
    house.post(
        "/v1/subjects",
        {"identifiers": [ADA, {"external_id": "shop-9"}], "source": "contract"},
    )
    assert house.why({"external_id": "shop-9"}) == "never_asked"


def test_a_no_through_one_identifier_stops_them_all(house: House) -> None:
    house.tell({**ADA, "external_id": "crm-7"})
    no = {"subject": {"external_id": "crm-7"}, "choices": {"newsletter": "refused"}}
    answer = house.post("/v1/decisions", {**no, "source": "phone-call"})
    assert answer.get_json()["standing"] == {"newsletter": "withdrawn"}
    assert house.why(ADA) == "withdrawn"


def test_a_no_to_legitimate_interest_is_an_objection(house: House) -> None:
    no = {"subject": ADA, "choices": {"newsletter.professional": "withdrawn"}, "source": "mail"}
    answer = house.post("/v1/decisions", no)
    assert answer.get_json()["standing"] == {"newsletter.professional": "objected"}
    assert house.why(ADA, "newsletter.professional") == "objected"


def test_legitimate_interest_needs_a_relationship_to_rest_on(house: House) -> None:
    house.post("/v1/subjects", {"identifiers": [ADA], "source": "meeting"})
    assert house.why(ADA, "newsletter.professional") == "information_missing"
    house.post(
        "/v1/subjects",
        {
            "identifiers": [ADA],
            "source": "meeting",
            "relationships": [{"kind": "prospect"}],
            "capacity": "professional",
        },
    )
    assert house.why(ADA, "newsletter.professional") == "legitimate_interest"


def test_after_a_no_the_key_holder_s_word_is_not_enough_and_evidence_is(
    house: House, clock: HandClock
) -> None:
    house.post("/v1/decisions", house.told(ADA, choices={"newsletter": "refused"}))
    clock.advance(hours=1)
    assert house.tell(ADA).get_json()["standing"] == {"newsletter": "refused"}
    assert house.why(ADA) == "refused"
    clock.advance(hours=1)
    letter = {"assertion": "evidenced", "evidence": "letter of 3 March, scan 118"}
    house.tell(ADA, choices={"newsletter": "granted"}, **letter)
    assert house.why(ADA) == "consent"
    assert list(check_all()) == []


def test_a_yes_that_was_given_before_the_no_is_answered_later_no(
    house: House, clock: HandClock
) -> None:
    house.post("/v1/decisions", house.told(ADA, choices={"newsletter": "refused"}))
    given = house.at(clock() - timedelta(days=2))
    answer = house.tell(ADA, decided_at=given)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "later_no")
    assert house.why(ADA) == "refused"


def test_hearsay_is_unproven_where_the_purpose_asks_for_more(house: House) -> None:
    house.tell(ADA, assertion="asserted")
    assert house.why(ADA) == "unproven"


def test_a_retry_with_the_same_key_is_one_decision(house: House) -> None:
    headers = {**house.headers, "Idempotency-Key": '"order-1"'}
    body = house.told(ADA)
    first = house.client.post("/v1/decisions", json=body, headers=headers)
    again = house.client.post("/v1/decisions", json=body, headers=headers)
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = house.client.post(
        "/v1/decisions", json=house.told({"email": "bea@people.example"}), headers=headers
    )
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"subject": {}}, "/subject", id="nobody"),
        pytest.param({"subject": {"email": "nobody"}}, "/subject/email", id="not an address"),
        pytest.param(
            {"subject": {"phone": "ada@people.example"}}, "/subject/phone", id="e-mail as phone"
        ),
        pytest.param({"choices": {"nothing": "granted"}}, "/choices/nothing", id="no purpose"),
        pytest.param(
            {"choices": {"analytics": "granted"}}, "/choices/analytics", id="elsewhere"
        ),
        pytest.param({"notice_version": None}, "/notice_version", id="null version"),
        pytest.param({"assertion": "sworn"}, "/assertion", id="unknown assertion"),
        pytest.param({"assertion": "evidenced"}, "/evidence", id="no evidence"),
        pytest.param({"decided_at": "2040-01-01T00:00:00Z"}, "/decided_at", id="future"),
        pytest.param({"subjekt": {}}, "/subjekt", id="unknown field"),
        pytest.param({"source": ""}, "/source", id="no source"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_is_made(
    house: House, change: dict[str, Any], pointer: str
) -> None:
    answer = house.post("/v1/decisions", {**house.told(ADA), **change})
    assert answer.status_code == 422
    assert pointer in {fault["pointer"] for fault in answer.get_json()["errors"]}
    assert "ada@people" not in answer.get_data(as_text=True)
    assert house.why(ADA) == "never_asked"
    assert house.ask(ADA)["subject"] is None


def test_a_yes_by_consent_without_the_words_is_refused_and_a_no_needs_none(
    house: House,
) -> None:
    body = house.told(ADA)
    del body["notice_version"]
    answer = house.post("/v1/decisions", body)
    assert answer.get_json()["errors"][0]["pointer"] == "/notice_version"
    no = {"subject": ADA, "choices": {"newsletter": "objected"}, "source": "mail"}
    assert house.post("/v1/decisions", no).status_code == 201


def test_a_purpose_answered_twice_by_its_slug_and_its_id_is_refused(house: House) -> None:
    purposes = house.get("/v1/purposes").get_json()["purposes"]
    number = next(each["id"] for each in purposes if each["slug"] == "newsletter")
    answer = house.tell(ADA, choices={number: "refused", "newsletter": "granted"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [
        {"pointer": "/choices/newsletter", "detail": "this purpose is answered twice"}
    ]
    assert house.why(ADA) == "never_asked"


def test_a_yes_without_the_words_is_no_consent_where_the_law_asks_for_one(
    house: House,
) -> None:
    consumer = {**ADA, "capacity": "consumer", "relationships": [{"kind": "customer"}]}
    yes = {"subject": consumer, "source": "contract", "choices": {"customer_offers": "granted"}}
    house.post("/v1/decisions", {**yes, "assertion": "witnessed"})
    assert house.why(ADA, "customer_offers") == "unproven"


def test_a_time_of_the_first_century_is_written_as_a_time(house: House) -> None:
    long_ago = "0001-01-01T00:00:00Z"
    no = {"subject": ADA, "source": "mail", "choices": {"newsletter": "refused"}}
    written = house.post("/v1/decisions", {**no, "decided_at": long_ago}).get_json()
    shown = house.get(f"/v1/decisions/{written['id']}").get_json()
    assert shown["decided_at"] == "0001-01-01T00:00:00.000000Z"
