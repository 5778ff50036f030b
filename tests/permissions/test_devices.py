"""CNIL-14: one choice on all devices of a signed-in person, where the notice says so."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent_server.decisions.rules import No, Row, Yes, across, outlives, stands
from consent_server.fsck import check_all
from consent_server.organisations.document.vocabulary import DeviceConflict
from tests.support.ground import ground
from tests.support.house import ORIGIN, declare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
_accounts = count(1)
# By organisation: its banner before it said anything of devices.
_said_nothing: dict[int, str] = {}


def enable(house: House, rule: DeviceConflict) -> None:
    """Let the organisation's file say so: its banner is published with the sentence."""
    declare(house, device_conflict=rule)


@dataclass
class Device:
    """A browser, and the account that may be signed in there."""

    house: House
    visitor: str
    links: list[str]

    @property
    def name(self) -> dict[str, str]:
        return {"visitor": self.visitor}

    def chooses(self, action: str, **but: Any) -> Any:
        self.house.clock.advance(minutes=1)
        answer = self.house.choose(self.house.choice(action, visitor=self.visitor, **but))
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return answer.get_json()

    def signs_in(self, account: dict[str, str]) -> None:
        for name in (account, self.name):
            body = {"identifiers": [name], "source": "log-in"}
            assert self.house.post("/v1/subjects", body).status_code == 201
        body = {"identifiers": [account, self.name], "source": "log-in"}
        self.links.append(self.house.post("/v1/links", body).get_json()["link"])

    def signs_out(self) -> None:
        path = f"/v1/links/{self.links.pop()}"
        answer = self.house.client.delete(path, headers=self.house.headers)
        assert answer.status_code == 200

    def may(self, **more: Any) -> str:
        return self.house.why(self.name, "analytics", **more)


def device(house: House) -> Device:
    return Device(house, secrets.token_urlsafe(16), [])


def account() -> dict[str, str]:
    return {"external_id": f"account-{next(_accounts)}"}


@pytest.fixture
def house(house: House) -> House:
    _said_nothing[house.organisation] = house.banner
    enable(house, DeviceConflict.LAST_CHOICE)
    return house


def test_cnil_14_what_is_chosen_while_signed_in_counts_on_every_device(house: House) -> None:
    laptop, phone, ada = device(house), device(house), account()
    laptop.signs_in(ada)
    assert laptop.chooses("accept_all")["standing"]["analytics"] == "granted"
    phone.signs_in(ada)
    assert (laptop.may(), phone.may(), house.why(ada, "analytics")) == ("consent",) * 3
    # Withdrawn in one place, with one click, it is withdrawn in all.
    assert phone.chooses("withdraw_all")["standing"]["analytics"] == "withdrawn"
    assert (laptop.may(), phone.may()) == ("withdrawn", "withdrawn")
    assert list(check_all()) == []


def test_cnil_14_signing_out_leaves_a_shared_device_as_it_was(house: House) -> None:
    family, phone, ada = device(house), device(house), account()
    family.chooses("refuse_all")
    phone.signs_in(ada)
    phone.chooses("accept_all")
    family.signs_in(ada)
    assert family.may() == "consent"
    family.chooses("accept_all")
    family.signs_out()
    assert family.may() == "refused"
    # And what her account chose there is hers wherever she signs in.
    assert phone.may() == "consent"
    assert list(check_all()) == []


def test_an_account_and_its_device_that_were_told_as_one_person_both_stand(
    house: House,
) -> None:
    laptop, phone, ada = device(house), device(house), account()
    named = {"identifiers": [laptop.name, ada], "source": "log-in"}
    assert house.post("/v1/subjects", named).status_code == 201
    phone.signs_in(ada)
    for action, why in (("accept_all", "consent"), ("refuse_all", "withdrawn")):
        laptop.chooses(action)
        assert (laptop.may(), phone.may(), house.why(ada, "analytics")) == (why,) * 3
        house.clock.advance(minutes=1)
    assert list(check_all()) == []


def test_a_no_said_while_signed_in_stays_on_its_device_too(house: House) -> None:
    family, ada = device(house), account()
    family.chooses("accept_all")
    family.signs_in(ada)
    family.chooses("refuse_all")
    family.signs_out()
    assert family.may() == "withdrawn"
    assert list(check_all()) == []


def test_where_two_differ_the_last_choice_counts_or_that_of_the_account(house: House) -> None:
    phone, tablet, ada = device(house), device(house), account()
    phone.signs_in(ada)
    phone.chooses("accept_all")
    tablet.chooses("refuse_all")
    tablet.signs_in(ada)
    assert tablet.may() == "refused"
    enable(house, DeviceConflict.ACCOUNT_CHOICE)
    # Another rule than the one people were told is material: she is asked again.
    assert tablet.may() == "superseded"
    phone.chooses("accept_all")
    assert tablet.may() == "consent"


def test_nothing_moves_unless_the_organisation_and_the_notice_say_so(house: House) -> None:
    phone, tablet, ada = device(house), device(house), account()
    phone.signs_in(ada)
    phone.chooses("accept_all")
    tablet.signs_in(ada)
    assert tablet.may() == "consent"
    before = house.at(house.clock())
    house.clock.advance(days=1)
    enable(house, DeviceConflict.OFF)
    assert tablet.may() == "never_asked"
    # What was answered then stays answered.
    assert tablet.may(at=before) == "consent"


def test_an_account_s_yes_under_other_words_opens_no_device(house: House) -> None:
    tablet, ada = device(house), account()
    tablet.signs_in(ada)
    before = _said_nothing[house.organisation]
    told = house.tell(ada, choices={"analytics": "granted"}, notice_version=before)
    assert told.status_code == 201
    assert tablet.may() == "superseded"
    # A no needs no words.
    house.tell(ada, choices={"analytics": "refused"})
    assert tablet.may() in {"refused", "withdrawn"}


def test_an_account_s_yes_without_words_opens_no_device(house: House) -> None:
    tablet, ada = device(house), account()
    tablet.signs_in(ada)
    line = f"{ada['external_id']},analytics,granted,2026-03-01,form 12"
    path = "/v1/imports?source=old-tool&dry_run=false"
    answer = house.client.post(
        path,
        data=f"external_id,purpose,answer,decided_at,evidence\n{line}\n",
        headers={**house.headers, "Content-Type": "text/csv"},
    )
    assert (answer.status_code, answer.get_json()["new"]) == (200, 1)
    assert tablet.may() == "never_asked"


def test_a_device_whose_clock_is_slow_accepts_after_all(house: House) -> None:
    phone, ada = device(house), account()
    phone.signs_in(ada)
    no = house.choice("refuse_all", visitor=phone.visitor)
    house.choose(no)
    slow = house.at(house.clock())
    phone.chooses("accept_all", decided_at=slow, previous=no["id"])
    assert phone.may() == "consent"
    assert list(check_all()) == []


def test_devices_of_one_account_at_once_leave_what_the_facts_say(
    app: Flask, house: House
) -> None:
    ada = account()
    devices = [device(house) for _ in range(4)]
    for each in devices:
        each.signs_in(ada)
    choices = [
        house.choice(f"{'refuse' if number % 3 else 'accept'}_all", visitor=each.visitor)
        for number in range(12)
        for each in devices
    ]
    path, headers = f"/v1/sites/{house.site}/decisions", {"Origin": ORIGIN}

    def send(body: dict[str, Any]) -> int:
        return app.test_client().post(path, json=body, headers=headers).status_code

    with ThreadPoolExecutor(8) as threads:
        # A yes that was given before another device's no is told so.
        assert set(threads.map(send, choices)) <= {201, 409}
    assert list(check_all()) == []
    assert {each.may() for each in devices} <= {"refused", "withdrawn"}


def test_a_list_answers_for_devices_as_a_question_does(house: House) -> None:
    phone, tablet, ada = device(house), device(house), account()
    phone.signs_in(ada)
    phone.chooses("accept_all")
    tablet.signs_in(ada)
    lines = f"visitor\r\n{tablet.visitor}\r\n{device(house).visitor}\r\n"
    answer = house.client.post(
        "/v1/permissions/bulk?purpose=analytics",
        data=lines,
        headers={**house.headers, "Content-Type": "text/csv", "Accept": "text/csv"},
    )
    assert [line.split(",")[2] for line in answer.text.splitlines()[1:3]] == [
        "consent",
        "never_asked",
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Si vous êtes connecté, votre choix vaut"), ("en", "When you are signed in, your")],
)
def test_cnil_14_the_first_layer_says_so(house: House, language: str, said: str) -> None:
    path = f"/v1/sites/{house.site}/experience?lang={language}"
    shown = house.client.get(path).get_json()
    assert shown["scope"]["devices"] == "last_choice"
    assert shown["words"]["devices"].startswith(said)
    assert said in house.client.get(f"/w/{house.site}.js?lang={language}").text
    # And the permanent page of the version shows it for good.
    assert said in house.client.get(f"/n/{house.banner}?lang={language}").text


_yeses = st.builds(
    Yes,
    decision=st.integers(1, 6),
    given_at=st.integers(1, 6),
    recorded_at=st.integers(1, 6),
    assertion=st.sampled_from(["witnessed", "witnessed_by_key", "evidenced", "asserted"]),
)
_noes = st.builds(
    No, decision=st.integers(7, 12), recorded_at=st.integers(1, 6), state=st.just("refused")
)
_rows = st.lists(
    st.builds(
        Row,
        subject=st.just(1),
        identifier=st.integers(1, 4),
        yes=st.none() | _yeses,
        no=st.none() | _noes,
    ),
    max_size=4,
    unique_by=lambda row: row.identifier,
)


@given(rows=_rows)
def test_no_rule_makes_a_yes_that_nobody_said(rows: Sequence[Row]) -> None:
    tablet, ada = frozenset({1}), frozenset({2, 3})
    own, theirs = stands(rows, tablet, alone=True), stands(rows, ada, alone=True)
    for rule in ("last_choice", "account_choice"):
        found = across(rows, tablet, ada, rule)
        if found.state == "granted":
            assert "granted" in (own.state, theirs.state)
    last = across(rows, tablet, ada, "last_choice")
    if last.yes is not None and last.state == "granted":
        # A no on the device or of the account, said later, is never passed over.
        noes = [row.no for row in rows if row.no and row.identifier in tablet | ada]
        assert all(outlives(last.yes, no) for no in noes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(deeds=st.lists(st.sampled_from(["in", "out", "accept", "refuse"]), max_size=8))
def test_signed_out_a_device_answers_as_if_nobody_had_ever_signed_in(
    ground: Ground, deeds: list[str]
) -> None:
    house = ground.ours
    if house.banner not in _enabled:
        enable(house, DeviceConflict.LAST_CHOICE)
        _enabled.add(house.banner)
    shared, alone, ada = device(house), device(house), account()
    for deed in deeds:
        if deed == "in" and not shared.links:
            shared.signs_in(ada)
        elif deed == "out" and shared.links:
            shared.signs_out()
        elif deed in {"accept", "refuse"}:
            shared.chooses(f"{deed}_all")
            # Of what is said while signed in, only a no stays.
            if deed == "refuse" or not shared.links:
                alone.chooses(f"{deed}_all")
    if shared.links:
        shared.signs_out()
    assert (shared.may() == "consent") == (alone.may() == "consent")


_enabled: set[str] = set()
