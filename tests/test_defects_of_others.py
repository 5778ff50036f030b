"""The fifteen defects of others that anchors.md names: none of them is ours.

Where a test of a room shows it already, it is named here, and must exist; what no room
shows by itself is shown here.
"""

from __future__ import annotations

import ast
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.ground import ground

if TYPE_CHECKING:
    from tests.support.ground import Ground

__all__ = ["ground"]
TESTS: Final = Path(__file__).parent
_numbers = count(1)
# The defect, whose it was, and the tests that fail if it were ours.
SHOWN: Final = {
    "1 a refusal answered as consent because a record exists (c15t)": [
        "permissions/test_rules.py::test_adding_a_no_never_turns_an_answer_into_yes",
    ],
    "2 reading and changing a subject without authentication (c15t, Ketch, Probo)": [
        "hostile/test_actors.py::"
        "test_who_has_no_key_is_turned_away_everywhere_and_leaves_no_trace",
    ],
    "3 expiry stored and never read (c15t)": [
        "permissions/test_packs.py::"
        "test_pro_3_consent_to_calls_holds_365_days_to_the_microsecond",
        "permissions/test_every_because.py::"
        "test_each_reason_is_answered_and_explained_in_both_languages",
    ],
    "4 the client's clock believed (c15t)": [
        "decisions/test_banner.py::"
        "test_a_yes_that_names_the_no_as_previous_stands_whatever_its_clock_says",
    ],
    "5 an empty or malformed body recorded as opt-out (bb-consent)": [
        "hostile/test_bad_bodies.py::test_a_browser_that_says_something_wrong_is_told_where",
        "hostile/test_bad_bodies.py::test_a_system_that_says_something_wrong_is_told_where",
    ],
    "6 the record's owner never checked on update (bb-consent)": [
        "hostile/test_wall.py::test_nobody_changes_or_deletes_anothers_rows",
    ],
    "7 an erasure that deletes the objection with the person (bb-consent, listmonk, mautic)": [
        "rights/test_erase.py::test_er_4_neither_an_import_nor_a_system_s_yes_brings_her_back",
        "rights/test_erase.py::test_promise_10_a_no_is_kept_even_when_nothing_else_is_to_be",
    ],
    "8 GET or HEAD unsubscribes (mautic, Rock, emailflare)": [
        "newsletters/test_unsubscribe.py::test_uns_4_get_head_and_options_never_change_anything",
        "hostile/test_safe_methods.py::test_twenty_scanners_at_a_link_unsubscribe_nobody",
    ],
    "9 an import overwrites opt-outs (listmonk, mautic)": [
        "imports/test_import.py::test_anchors_9_an_import_never_turns_a_no_into_a_yes",
        "imports/test_presets.py::test_no_zero_and_no_silence_is_a_yes",
    ],
    "11 retries doubled, events accepted and then dropped (OneTrust)": [
        "web/test_idempotency.py::test_a_retry_gets_the_first_answer_and_is_told_so",
        "crash/test_kill.py::"
        "test_security_1_and_2_kill_9_loses_doubles_and_halves_nothing_acknowledged",
        "crash/test_kill_webhooks.py::"
        "test_security_107_and_wh_kill_9_in_mid_delivery_loses_and_invents_nothing",
    ],
    "12 a token spent by a scanner, so that the person gets 404 (emailflare)": [
        "hostile/test_safe_methods.py::test_twenty_scanners_at_a_link_unsubscribe_nobody",
    ],
    "13 the banner breaks the page when the server is down (Quantcast, Cookiebot)": [
        "browser/test_server_gone.py::"
        "test_with_the_server_dead_the_page_works_and_the_trackers_stay_off",
    ],
    "14 signals exported with inverted sense (Cookiebot)": [
        "browser/test_signals.py::"
        "test_gcm_1_uet_1_uet_2_meta_1_a_yes_is_told_and_its_withdrawal_too",
    ],
}


@cache
def _names(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


@pytest.mark.parametrize("defect", SHOWN)
def test_the_tests_that_show_it_exist(defect: str) -> None:
    for place in SHOWN[defect]:
        path, _, name = place.partition("::")
        assert name in _names(path), place


@pytest.fixture
def ada() -> dict[str, str]:
    """Give somebody new."""
    return {"email": f"ada{next(_numbers)}@people.example"}


def test_1_a_recorded_refusal_is_no_consent(ground: Ground, ada: dict[str, str]) -> None:
    house = ground.ours
    said = house.tell(ada, choices={"newsletter": "refused", "prospecting.email": "refused"})
    assert said.status_code == 201
    for purpose in ("newsletter", "prospecting.email"):
        answer = house.ask(ada, purpose)
        assert answer["allowed"] is False
        assert answer["because"] == "refused"


def test_4_a_time_stated_by_a_client_is_kept_beside_ours_and_never_gains_anything(
    ground: Ground, ada: dict[str, str]
) -> None:
    house, clock = ground.ours, ground.clock
    ahead = house.at(clock() + timedelta(days=1))
    refused = house.tell(ada, decided_at=ahead)
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/decided_at"
    past = house.at(clock() - timedelta(days=400))
    paper = {"assertion": "evidenced", "evidence": "signed form"}
    written = house.tell(ada, decided_at=past, **paper).get_json()
    kept = house.get(f"/v1/decisions/{written['id']}").get_json()
    assert kept["decided_at"] == past
    assert kept["recorded_at"] == house.at(clock())
    # It counts from the earlier of the two: three years from then, not from now.
    assert house.ask(ada)["expires_at"] < house.at(clock() + timedelta(days=3 * 365 - 390))


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b"[]", b"{", b'{"choices": {}}', b'{"choices": null}', b"\xff"],
    ids=["empty", "nothing", "null", "list", "broken", "no choice", "null choices", "no text"],
)
def test_5_a_body_that_says_nothing_records_nothing(
    ground: Ground, ada: dict[str, str], body: bytes
) -> None:
    house = ground.ours
    house.tell(ada)
    before = house.ask(ada)
    answer = house.client.post(
        "/v1/decisions",
        data=body,
        headers={**house.headers, "Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}
    after = house.ask(ada)
    assert after["allowed"] is True
    assert after["decision"] == before["decision"]


def test_6_a_decision_of_another_organisation_is_neither_shown_nor_followed(
    ground: Ground, ada: dict[str, str]
) -> None:
    theirs = ground.theirs.tell(ada).get_json()
    assert ground.ours.get(f"/v1/decisions/{theirs['id']}").status_code == 404
    answer = ground.ours.tell(ada, previous=theirs["id"])
    assert answer.get_json()["code"] == "unknown_previous"
    assert ground.theirs.why(ada) == "consent"
    assert ground.ours.why(ada) == "never_asked"


def test_10_no_address_of_the_net_is_kept_with_a_decision(
    ground: Ground, ada: dict[str, str]
) -> None:
    house = ground.ours
    forged = {"X-Forwarded-For": "198.51.100.77", "X-Real-IP": "198.51.100.77"}
    written = house.client.post(
        "/v1/decisions", json=house.told(ada), headers={**house.headers, **forged}
    ).get_json()
    kept = house.get(f"/v1/decisions/{written['id']}").get_json()
    assert "198.51.100.77" not in str(kept)
    assert not any("198.51.100.77" in row for rows in ground.dump().values() for row in rows)


def test_11_one_country_s_rules_never_answer_for_another_s(ground: Ground) -> None:
    house = ground.ours
    facts: dict[str, Any] = {
        "relationships": [{"kind": "prospect"}],
        "capacity": "professional",
        "source": "meeting",
    }
    told = {}
    for country in ("FR", "DE", "FR"):
        who = {"email": f"worker{next(_numbers)}@people.example"}
        body = {"identifiers": [who], "country": country, **facts}
        assert house.post("/v1/subjects", body).status_code == 201
        told[who["email"]] = country
    for email, country in [*told.items(), *told.items()]:
        answer = house.ask({"email": email}, "newsletter.professional")
        assert answer["regime"] == ("b2b_opt_out" if country == "FR" else "consent")
        assert answer["allowed"] is (country == "FR")


def test_15_nobody_becomes_somebody_else_by_looking_like_her(
    ground: Ground, ada: dict[str, str]
) -> None:
    house = ground.ours
    phone = {"phone": f"+336124{next(_numbers):05}"}
    house.tell(ada, choices={"newsletter": "refused"})
    house.post("/v1/subjects", {"identifiers": [phone], "source": "meeting"})
    # One body with both identifiers does not make them one person, whoever sends it.
    for attempt in (
        house.tell({**ada, **phone}),
        house.post("/v1/subjects", {"identifiers": [ada, phone], "source": "meeting"}),
    ):
        assert attempt.status_code == 409
        assert attempt.get_json()["code"] == "identifiers_disagree"
    # Nor does the browser: a visitor says what is hers alone.
    visitor = house.choice(visitor="v" * 22)
    assert house.choose(visitor).status_code == 201
    assert house.why(ada) == "refused"
    assert house.ask({"visitor": "v" * 22}, "analytics")["subject"] != house.ask(ada)["subject"]
