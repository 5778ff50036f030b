"""What scripts find in a loaded demonstration: `demo.json`, and an example of every reason."""

from __future__ import annotations

import json
import stat
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.clock import parse_rfc3339
from consent_server.demo.contacts import BY_EMAIL, BY_PHONE, BY_POST, NEWSLETTER
from consent_server.demo.mailbox import letters
from consent_server.demo.past import past
from consent_server.demo.people import invent
from consent_server.demo.setting import SETTINGS, Span
from consent_server.demo.steps import Way
from consent_server.fsck import check_all
from tests.demo.conftest import SMALL
from tests.support.clock import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.demo.conftest import World

REASONS = {
    "consent",
    "never_asked",
    "refused",
    "withdrawn",
    "objected",
    "expired",
    "superseded",
    "information_missing",
    "unconfirmed",
}
BOTH = pytest.mark.parametrize("place", [0, 1], ids=[each.slug for each in SETTINGS])


def test_the_file_for_scripts_has_exactly_the_promised_shape(world: World) -> None:
    told = json.loads((world.settings.data / "demo.json").read_text("utf-8"))
    assert told == world.demo
    assert set(told) == {"base_url", "organisations"}
    for each in told["organisations"]:
        assert set(each) == {
            "id",
            "name",
            "api_key",
            "sites",
            "newsletter_purpose",
            "prospecting_purpose",
            "prospecting_purposes",
            "tracker_purposes",
            "form_notice_version",
        }
        assert set(each["prospecting_purposes"]) == {"email", "phone"}
        assert [set(site) for site in each["sites"]] == [{"id", "origin"}]


def test_nobody_else_can_read_the_file_for_scripts(world: World) -> None:
    mode = (world.settings.data / "demo.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_sites_stand_on_the_two_ports_after_the_server(world: World) -> None:
    sites = [each["sites"][0]["origin"] for each in world.demo["organisations"]]
    assert sites == ["http://cubalys.localhost:8001", "http://hebergis.localhost:8002"]


def test_the_server_is_ready_for_scripts_once_the_file_is_whole(world: World) -> None:
    assert world.client.get("/readyz").status_code == 200


@BOTH
def test_every_purpose_in_the_file_can_be_asked_about(world: World, place: int) -> None:
    told = world.demo["organisations"][place]
    by_mail = [told["newsletter_purpose"], told["prospecting_purpose"]]
    purposes = [*by_mail, *told["prospecting_purposes"].values(), *told["tracker_purposes"]]
    answers = world.ask(place, {"email": "nobody@unknown.example"}, *purposes)
    assert {answer["because"] for answer in answers} == {"never_asked"}
    assert [answer["purpose"] for answer in answers] == purposes
    channels = world.ask(place, {"email": "nobody@unknown.example"}, *by_mail)
    assert {answer["channel"] for answer in channels} == {"email"}


@BOTH
def test_the_form_version_takes_a_yes_to_the_letter_and_to_every_offer(
    world: World, place: int
) -> None:
    told = world.demo["organisations"][place]
    purposes = [told["newsletter_purpose"], *told["prospecting_purposes"].values()]
    body = {
        "subject": {"email": "new.person@unknown.example", "phone": "+33199009999"},
        "choices": dict.fromkeys(purposes, "granted"),
        "notice_version": told["form_notice_version"],
        "source": "website-form" if place == 0 else "contact-form",
        "assertion": "witnessed",
    }
    standing = world.post(place, "/v1/decisions", body)["standing"]
    assert standing == dict.fromkeys(purposes, "granted")


@BOTH
def test_a_visitor_can_answer_the_banner_of_the_file(world: World, place: int) -> None:
    told = world.demo["organisations"][place]
    site = told["sites"][0]
    shown = world.client.get(f"/v1/sites/{site['id']}/experience?lang=fr").get_json()
    body = {
        "id": f"a-script-of-this-test-{place}",
        "visitor": f"a-visitor-of-this-test-{place}",
        "notice_version": shown["notice_version"],
        "language": "fr",
        "action": "accept_all",
        "choices": dict.fromkeys(told["tracker_purposes"], "granted"),
        "surface": "demo",
        "decided_at": "2026-11-23T12:00:00Z",
    }
    answer = world.client.post(
        f"/v1/sites/{site['id']}/decisions", json=body, headers={"Origin": site["origin"]}
    )
    assert answer.status_code == 201, answer.text


@BOTH
def test_every_reason_has_somebody(world: World, place: int) -> None:
    found = {answer["because"] for answer in _answers(world, place)}
    assert found >= REASONS


@BOTH
def test_a_banner_that_changed_asks_again_only_for_what_changed(
    world: World, place: int
) -> None:
    superseded = {
        answer["purpose"]
        for answer in _answers(world, place)
        if answer["because"] == "superseded"
    }
    assert superseded == {"advertising"}


@BOTH
def test_the_first_person_is_one_who_agreed(world: World, place: int) -> None:
    email = invent(SETTINGS[place], 0).email
    (answer,) = world.ask(place, {"email": email}, NEWSLETTER)
    assert (answer["allowed"], answer["because"]) == (True, "consent")


@BOTH
def test_a_sign_up_of_the_past_was_confirmed_by_a_mail_that_can_still_be_read(
    world: World, place: int
) -> None:
    slug = SETTINGS[place].slug
    steps = past(Span(NOON), seed=SMALL.seed, people=SMALL.people)
    confirmed = [
        step.body["email"]
        for step in steps
        if step.way is Way.CONFIRM and step.organisation == slug
    ]
    (answer,) = world.ask(place, {"email": confirmed[0]}, NEWSLETTER)
    assert answer["because"] in {"consent", "withdrawn"}
    mine = [
        each
        for each in letters(world.settings.data / "mail")
        if each.to == confirmed[0] and f"@{slug}." in each.sender
    ]
    assert len(mine) == 1
    assert "/confirm/" in "".join(mine[0].pieces)


@BOTH
def test_what_happened_then_is_recorded_then(world: World, place: int) -> None:
    path = "/v1/events?after=0&limit=1000"
    events = world.client.get(path, headers=world.headers(place)).get_json()["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    moments = [parse_rfc3339(event["recorded_at"]) for event in events]
    before = [moment for moment in moments if moment < NOON]
    assert all(earlier <= later for earlier, later in pairwise(before))
    assert (NOON - before[0]).days > 365


def test_everything_kept_agrees_with_the_facts(world: World) -> None:
    assert list(check_all()) == []


def _answers(world: World, place: int) -> Iterator[dict[str, Any]]:
    """Ask about everybody in the past of one organisation."""
    setting = SETTINGS[place]
    for number in range(SMALL.people // 2):
        person = invent(setting, number)
        purposes = (NEWSLETTER, BY_EMAIL, BY_POST, setting.letter, setting.offer)
        yield from world.ask(place, {"email": person.email}, *purposes)
        yield from world.ask(place, {"phone": person.phone}, BY_PHONE)
    for name in sorted(
        step.body["visitor"]
        for step in past(Span(NOON), seed=SMALL.seed, people=SMALL.people)
        if step.way is Way.BANNER and step.organisation == setting.slug
    ):
        yield from world.ask(place, {"visitor": name}, *setting.trackers)
