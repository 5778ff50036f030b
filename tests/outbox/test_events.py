"""The feed: in order, without a gap, the same at every reading, and only one's own."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import db
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.clock import HandClock
    from tests.support.house import House

MEMBERS = {
    "seq", "id", "type", "recorded_at", "subject", "external_ids", "purpose", "channel",
    "standing", "because", "decision",
}  # fmt: skip


def read_all(house: House, limit: int = 1000, after: int = 0) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while True:
        page = house.get(f"/v1/events?after={after}&limit={limit}").get_json()
        if not page["events"]:
            assert page["next"] == after
            return events
        assert len(page["events"]) <= limit
        events += page["events"]
        after = page["next"]
        assert after == events[-1]["seq"]


def decide(house: House, count: int = 5) -> None:
    for number in range(count):
        house.tell(
            {"email": f"p{number}@people.example", "external_id": f"C-{number}"},
            choices={"newsletter": "granted", "prospecting.email": "refused"},
        )
    house.integrate()


def test_an_event_has_every_member_of_the_contract(house: House) -> None:
    house.tell({"email": "ada@people.example", "external_id": "C-7"})
    house.integrate()
    (event,) = (each for each in read_all(house) if each["type"] == "consent.granted")
    assert set(event) == MEMBERS
    answer = house.ask({"external_id": "C-7"})
    assert event == {
        "seq": event["seq"],
        "id": event["id"],
        "type": "consent.granted",
        "recorded_at": event["recorded_at"],
        "subject": answer["subject"],
        "external_ids": ["C-7"],
        "purpose": "newsletter",
        "channel": "email",
        "standing": "granted",
        "because": "consent",
        "decision": answer["decision"],
    }
    assert event["id"].startswith("evt_")


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_api_5_the_numbers_are_dense_and_the_pages_fit_together(
    house: House, limit: int
) -> None:
    decide(house)
    whole = read_all(house)
    assert [event["seq"] for event in whole] == list(range(1, len(whole) + 1))
    assert read_all(house, limit) == whole
    for after in range(len(whole)):
        assert read_all(house, limit, after) == whole[after:]


def test_the_feed_can_be_read_again_and_each_event_keeps_its_id(house: House) -> None:
    decide(house)
    first = read_all(house)
    decide(house)
    again = read_all(house)
    assert again[: len(first)] == first
    assert len({event["id"] for event in again}) == len(again)


def test_what_is_pending_is_not_told_before_it_has_its_place(house: House) -> None:
    house.integrate()
    before = read_all(house)
    house.tell({"email": "ada@people.example"})
    assert read_all(house) == before
    house.integrate()
    assert len(read_all(house)) == len(before) + 1


def test_linked_people_are_told_by_every_name_others_know_them_by(house: House) -> None:
    one = house.tell({"external_id": "C-1"}).get_json()["subject"]
    two = house.tell({"email": "ada@people.example", "external_id": "C-2"}).get_json()
    body = {"subjects": [one, two["subject"]], "source": "crm"}
    assert house.post("/v1/links", body).status_code == 201
    house.integrate()
    events = [event for event in read_all(house) if event["decision"] == two["id"]]
    assert [sorted(event["external_ids"]) for event in events] == [["C-1", "C-2"]]


def test_the_feed_holds_no_address(house: House) -> None:
    house.tell({"email": "ada.lindqvist@people.example", "phone": "+33 1 99 00 12 34"})
    house.integrate()
    text = house.get("/v1/events").get_data(as_text=True)
    assert "lindqvist" not in text
    assert "99001234" not in text


def test_an_organisation_sees_only_its_own_events(house: House, clock: HandClock) -> None:
    decide(house)
    other = bearer(make_key(clock, make_organisation(clock)))
    house.integrate()
    page = house.client.get("/v1/events", headers=other).get_json()
    assert all(event["subject"] is None for event in page["events"])


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=1001", "/limit"),
        ("wait=31", "/wait"),
        ("wait=-1", "/wait"),
        ("after=-1", "/after"),
        ("after=yes", "/after"),
        ("after=1&after=2", "/after"),
        ("colour=red", "/colour"),
    ],
)
def test_a_bad_question_names_its_argument(house: House, query: str, pointer: str) -> None:
    answer = house.get(f"/v1/events?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_only_a_key_with_the_scope_events_follows(house: House, clock: HandClock) -> None:
    assert house.client.get("/v1/events").status_code == 401
    weak = bearer(make_key(clock, house.organisation, {"lookup"}))  # type: ignore[arg-type] # its value
    assert house.client.get("/v1/events", headers=weak).status_code == 403


def test_far_beyond_the_end_there_is_nothing_and_next_stays(house: House) -> None:
    page = house.get("/v1/events?after=9007199254740991").get_json()
    assert page == {"events": [], "next": 9007199254740991}


def test_waiting_ends_when_something_happens(house: House, app: Flask) -> None:
    house.integrate()
    after = len(read_all(house))
    begun = time.monotonic()

    def later() -> None:
        time.sleep(0.5)
        with app.app_context():
            house.tell({"email": "ada@people.example"})
            house.integrate()

    other = threading.Thread(target=later)
    other.start()
    waiting = app.test_client()
    page = waiting.get(f"/v1/events?after={after}&wait=20", headers=house.headers).get_json()
    other.join()
    assert [event["seq"] for event in page["events"]] == [after + 1]
    assert 0.4 < time.monotonic() - begun < 10


class Pausing:
    """The door's time, which tells of each of its pauses."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self, paused: Callable[[float], object]) -> None:
        self.sleep = paused


def test_waiting_for_nothing_ends_on_time_and_holds_no_connection(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.integrate()
    after = len(read_all(house))
    held: list[int] = []

    def paused(seconds: float) -> None:
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined] # its kind
        time.sleep(seconds)

    monkeypatch.setattr("consent_server.outbox.routes.time", Pausing(paused))
    begun = time.monotonic()
    page = house.get(f"/v1/events?after={after}&wait=1").get_json()
    seconds = time.monotonic() - begun
    assert page == {"events": [], "next": after}
    assert 1 <= seconds < 10
    assert held
    assert not any(held)


def test_those_who_wait_never_take_every_thread(
    house: House, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.integrate()
    after = len(read_all(house))
    threads = app.extensions["consent.settings"].threads
    waiting: set[int] = set()
    answered: queue.Queue[int] = queue.Queue()
    others_are_answered = threading.Event()

    def paused(_: float) -> None:
        waiting.add(threading.get_ident())
        others_are_answered.wait(60)

    def wait() -> None:
        app.test_client().get(f"/v1/events?after={after}&wait=1", headers=house.headers)
        answered.put(threading.get_ident())

    monkeypatch.setattr("consent_server.outbox.routes.time", Pausing(paused))
    followers = [threading.Thread(target=wait) for _ in range(threads)]
    for each in followers:
        each.start()
    at_once = {answered.get(timeout=60) for _ in range(threads - threads // 2)}
    assert len(waiting) <= threads // 2
    assert at_once.isdisjoint(waiting)
    others_are_answered.set()
    for each in followers:
        each.join()
    assert len(waiting) == threads // 2
