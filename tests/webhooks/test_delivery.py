"""Events reach a receiver: signed, in order, at least once, and never at another's cost."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.clock import to_micros
from consent_server.mail.deliver import Mailer
from consent_server.mail.files import folder_of
from consent_server.webhooks.deliver import Deliverer
from consent_server.webhooks.schemas import MOST_HOOKS
from tests.support.figures import figure
from tests.support.make import bearer, make_key, make_organisation
from tests.support.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.support.house import House


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def allow(app: Flask, *pairs: str) -> None:
    """Vouch for receivers on this machine, as an operator would."""
    settings = app.extensions["consent.settings"]
    app.extensions["consent.settings"] = replace(
        settings, callable=settings.callable | frozenset(pairs)
    )


def declare(app: Flask, house: House, receiver: Receiver, **more: Any) -> dict[str, Any]:
    allow(app, receiver.pair)
    answer = house.post("/v1/webhooks", {"url": receiver.url, **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def deliver(app: Flask, house: House) -> None:
    """Let a worker of its own deliver all that is due."""
    house.integrate()
    allowed = app.extensions["consent.settings"].callable
    deliverer = Deliverer(app, clock=house.clock, allowed=allowed, seconds=2)
    while deliverer.begin([house.organisation]):
        deliverer.wait()
    deliverer.finish()


def listed(house: House) -> dict[str, Any]:
    (hook,) = house.get("/v1/webhooks").get_json()["webhooks"]
    found: dict[str, Any] = hook
    return found


def tries(house: House, hook: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get(f"/v1/webhooks/{hook['id']}/deliveries").get_json()[
        "deliveries"
    ]
    return found


def test_wh_2_an_event_arrives_signed_and_names_nobody(
    app: Flask, house: House, receiver: Receiver
) -> None:
    hook = declare(app, house, receiver)
    house.tell({"email": "ada@people.example", "external_id": "C-7"})
    deliver(app, house)
    told = {each["type"]: each for each in receiver.read(hook["secret"])}
    granted = told["consent.granted"]
    assert granted["data"]["purpose"] == "newsletter"
    assert granted["data"]["subject"] == house.ask({"external_id": "C-7"})["subject"]
    feed = {each["id"] for each in house.get("/v1/events?limit=1000").get_json()["events"]}
    assert set(receiver.ids) <= feed
    everything = b"".join(body for _, body in receiver.got)
    assert b"ada@" not in everything
    assert b"C-7" not in everything
    assert max(len(body) for _, body in receiver.got) < 20_000


def test_only_what_happens_after_it_was_declared_is_told(
    app: Flask, house: House, receiver: Receiver
) -> None:
    house.tell({"email": "before@people.example"})
    house.integrate()
    hook = declare(app, house, receiver, events=["consent.granted"])
    house.tell({"email": "after@people.example"})
    deliver(app, house)
    assert [each["type"] for each in receiver.read(hook["secret"])] == ["consent.granted"]


def test_only_the_types_asked_for_arrive(app: Flask, house: House, receiver: Receiver) -> None:
    hook = declare(app, house, receiver, events=["consent.withdrawn"])
    house.tell({"email": "ada@people.example"})
    house.tell({"email": "ada@people.example"}, choices={"newsletter": "refused"})
    deliver(app, house)
    assert [each["type"] for each in receiver.read(hook["secret"])] == ["consent.withdrawn"]


def test_nothing_is_sent_twice_once_it_was_taken(
    app: Flask, house: House, receiver: Receiver
) -> None:
    declare(app, house, receiver)
    house.tell({"email": "ada@people.example"})
    deliver(app, house)
    deliver(app, house)
    assert len(receiver.ids) == len(set(receiver.ids))
    assert listed(house)["waiting"] == 0


def test_wh_5_a_failure_is_tried_again_under_the_same_id_with_a_time_of_its_own_in_order(
    app: Flask, house: House, receiver: Receiver
) -> None:
    receiver.manners = lambda number: (500, {}) if number == 0 else (204, {})
    hook = declare(app, house, receiver, events=["consent.granted", "consent.withdrawn"])
    house.tell({"email": "ada@people.example"})
    house.tell({"email": "ada@people.example"}, choices={"newsletter": "refused"})
    deliver(app, house)
    # The withdrawal waits behind the yes that was not taken yet.
    assert len(receiver.got) == 1
    house.clock.advance(seconds=6)
    deliver(app, house)
    assert receiver.ids[0] == receiver.ids[1]
    # Whoever refuses what is older than five minutes, and knows the id, takes it once.
    sent = [int(headers["webhook-timestamp"]) for headers, _ in receiver.got]
    assert sent[1] - sent[0] == 6
    assert abs(sent[-1] - house.clock().timestamp()) <= 300
    assert [each["type"] for each in receiver.read(hook["secret"])] == [
        "consent.granted",
        "consent.granted",
        "consent.withdrawn",
    ]


def test_another_persons_event_does_not_wait(
    app: Flask, house: House, receiver: Receiver
) -> None:
    receiver.manners = lambda number: (400, {}) if number == 0 else (204, {})
    declare(app, house, receiver, events=["consent.granted"])
    house.tell({"email": "ada@people.example"})
    house.tell({"email": "bob@people.example"})
    deliver(app, house)
    assert len(set(receiver.ids)) == 2
    assert listed(house)["waiting"] == 1


def test_retry_after_is_waited_for(app: Flask, house: House, receiver: Receiver) -> None:
    receiver.manners = lambda number: (
        (429, {"Retry-After": "120"}) if number == 0 else (204, {})
    )
    declare(app, house, receiver, events=["consent.granted"])
    house.tell({"email": "ada@people.example"})
    deliver(app, house)
    house.clock.advance(seconds=119)
    deliver(app, house)
    assert len(receiver.got) == 1
    house.clock.advance(seconds=2)
    deliver(app, house)
    assert len(receiver.got) == 2


def test_gone_gives_it_up_and_says_so_in_the_feed(
    app: Flask, house: House, receiver: Receiver
) -> None:
    receiver.manners = lambda _: (410, {})
    hook = declare(app, house, receiver, events=["consent.granted"])
    house.tell({"email": "ada@people.example"})
    deliver(app, house)
    assert listed(house)["disabled"] == "gone"
    house.integrate()
    events = house.get("/v1/events?limit=1000").get_json()["events"]
    assert [each["webhook"] for each in events if each["type"] == "webhook.disabled"] == [
        hook["id"]
    ]
    house.tell({"email": "bob@people.example"})
    deliver(app, house)
    assert len(receiver.got) == 1
    # Staff is told once, by mail; of the address its host alone.
    (text,) = mail_to_staff(app, house)
    assert hook["id"] in text
    assert hook["url"] not in text
    assert "n’existe plus (410)" in text


def mail_to_staff(app: Flask, house: House) -> list[str]:
    allowed = app.extensions["consent.settings"].callable
    Mailer(app, clock=house.clock, allowed=allowed).deliver(house.organisation)
    folder = folder_of(app.extensions["consent.settings"].data)
    told = []
    for file in sorted(folder.rglob("*.eml")):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        part = message.get_body(("plain",))
        assert part is not None
        told.append(part.get_content())
    return told


def test_security_109_after_ten_failures_it_is_given_up_and_set_going_again_loses_nothing(
    app: Flask, house: House, receiver: Receiver
) -> None:
    receiver.manners = lambda number: (500, {}) if number < 10 else (204, {})
    hook = declare(app, house, receiver, events=["consent.granted"])
    house.tell({"email": "ada@people.example"})
    for _ in range(10):
        deliver(app, house)
        house.clock.advance(hours=27)
    assert len(receiver.got) == 10
    assert listed(house)["disabled"] == "exhausted"
    assert [each["try"] for each in tries(house, hook)] == list(range(10, 0, -1))
    assert house.post(f"/v1/webhooks/{hook['id']}/enable", {}).status_code == 200
    deliver(app, house)
    assert receiver.ids == receiver.ids[:1] * 11
    assert listed(house) | {"disabled": None, "waiting": 0} == listed(house)


def test_security_106_a_redirect_is_not_followed(
    app: Flask, house: House, receiver: Receiver
) -> None:
    with Receiver() as inside:
        allow(app, inside.pair)
        receiver.manners = lambda _: (307, {"Location": inside.url})
        hook = declare(app, house, receiver, events=["consent.granted"])
        house.tell({"email": "ada@people.example"})
        deliver(app, house)
        assert inside.got == []
    assert tries(house, hook)[0]["status"] == 307


def test_a_replay_sends_the_same_ids_again(
    app: Flask, house: House, receiver: Receiver
) -> None:
    hook = declare(app, house, receiver, events=["consent.granted"])
    for name in ("ada", "bob", "eve"):
        house.tell({"email": f"{name}@people.example"})
    deliver(app, house)
    first = list(receiver.ids)
    receiver.got.clear()
    answer = house.post(f"/v1/webhooks/{hook['id']}/replay", {"after": hook["reached"]})
    assert answer.status_code == 202
    deliver(app, house)
    assert sorted(receiver.ids) == sorted(first)


def test_a_test_message_is_signed_and_stands_in_the_log(
    app: Flask, house: House, receiver: Receiver
) -> None:
    hook = declare(app, house, receiver, events=["consent.granted"])
    for _ in range(2):
        assert house.post(f"/v1/webhooks/{hook['id']}/test", {}).status_code == 202
        deliver(app, house)
    assert [each["type"] for each in receiver.read(hook["secret"])] == ["webhook.test"] * 2
    # Two tests are two messages: a receiver that knows ids would drop a second one.
    assert len(set(receiver.ids)) == 2
    assert [each["outcome"] for each in tries(house, hook)] == ["delivered"] * 2


def test_wh_1_while_a_secret_is_replaced_both_sign_and_a_day_later_only_the_new_one(
    app: Flask, house: House, receiver: Receiver
) -> None:
    old = declare(app, house, receiver)
    path = f"/v1/webhooks/{old['id']}"
    new = house.post(f"{path}/secret", {}).get_json()
    house.post(f"{path}/test", {})
    deliver(app, house)
    receiver.read(new["secret"], old["secret"])
    receiver.got.clear()
    house.clock.advance(hours=24)
    house.post(f"{path}/test", {})
    deliver(app, house)
    receiver.read(new["secret"])


def test_a_leaked_secret_signs_no_more_at_once(
    app: Flask, house: House, receiver: Receiver
) -> None:
    old = declare(app, house, receiver)
    path = f"/v1/webhooks/{old['id']}"
    new = house.post(f"{path}/secret", {"at_once": True}).get_json()
    house.post(f"{path}/test", {})
    deliver(app, house)
    receiver.read(new["secret"])


def test_two_workers_at_once_send_each_event_once(
    app: Flask, house: House, receiver: Receiver
) -> None:
    declare(app, house, receiver, events=["consent.granted"])
    for number in range(20):
        house.tell({"email": f"p{number}@people.example"})
    house.integrate()
    allowed = app.extensions["consent.settings"].callable
    workers = [Deliverer(app, clock=house.clock, allowed=allowed) for _ in range(2)]
    while sum(worker.begin([house.organisation]) for worker in workers):
        for worker in workers:
            worker.wait()
    for worker in workers:
        worker.finish()
    assert len(receiver.ids) == len(set(receiver.ids)) == 20


@contextmanager
def drip(piece: bytes, pause: float) -> Iterator[str]:
    """Listen, and answer with one piece after another for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                try:
                    while not ended.is_set():
                        peer.sendall(piece)
                        ended.wait(pause)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    ended.set()
    # Wakes whoever waits for the next caller; closing alone does not.
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.mark.parametrize(
    ("piece", "pause", "outcome"),
    [
        pytest.param(b"H", 0.2, "timeout", id="a letter at a time"),
        pytest.param(
            b"HTTP/1.1 204 x\r\n" + b"A: b\r\n" * 4096, 0.0, None, id="endless headers"
        ),
        pytest.param(b"\x00\xff" * 100, 0.0, "not_http", id="no HTTP"),
    ],
)
def test_ssrf_4_a_hostile_receiver_costs_a_bounded_time_and_its_words_are_kept_nowhere(
    app: Flask, house: House, piece: bytes, pause: float, outcome: str | None
) -> None:
    with drip(piece, pause) as pair:
        allow(app, pair)
        hook = house.post("/v1/webhooks", {"url": f"http://{pair}/"}).get_json()
        house.post(f"/v1/webhooks/{hook['id']}/test", {})
        deliver(app, house)
    (line,) = tries(house, hook)
    assert line["outcome"] in ({outcome} if outcome else {"too_long", "not_http"})
    assert line["took_ms"] < 4000


def test_ssrf_2_a_name_that_leads_inside_is_not_called(
    app: Flask, house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Declared while it led outside; by the time of sending it leads here (rebinding).
    hook = house.post("/v1/webhooks", {"url": "https://hooks.example.org/"}).get_json()
    asked: list[str] = []

    def lead_inside(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr("consent_server.outgoing.servers.socket.getaddrinfo", lead_inside)
    house.post(f"/v1/webhooks/{hook['id']}/test", {})
    deliver(app, house)
    assert asked == ["hooks.example.org"]
    assert receiver.got == []
    (line,) = tries(house, hook)
    assert (line["status"], line["outcome"]) == (None, "address_refused")


def test_a_receiver_that_hangs_keeps_no_other_waiting(
    app: Flask, house: House, receiver: Receiver
) -> None:
    with drip(b"", 0.2) as pair:
        allow(app, pair)
        for number in range(5):
            answer = house.post("/v1/webhooks", {"url": f"http://{pair}/{number}"})
            assert answer.status_code == 201
        declare(app, house, receiver, events=["consent.granted"])
        house.tell({"email": "ada@people.example"})
        house.integrate()
        allowed = app.extensions["consent.settings"].callable
        deliverer = Deliverer(app, clock=house.clock, allowed=allowed, seconds=10)
        deliverer.begin([house.organisation])
        for _ in range(900):
            if receiver.got:
                break
            threading.Event().wait(0.01)
        hanging = house.get("/v1/webhooks").get_json()["webhooks"]
        assert receiver.got
        # None of the others has had its ten seconds yet.
        logs = [tries(house, each) for each in hanging if pair in each["url"]]
        assert logs == [[]] * 5
        deliverer.wait()
        deliverer.finish()


def test_security_107_however_many_hang_whoever_took_its_last_message_gets_the_next_one(
    app: Flask, house: House, receiver: Receiver
) -> None:
    declare(app, house, receiver, events=["consent.granted"])
    allowed = app.extensions["consent.settings"].callable
    hanging: list[int] = []
    with drip(b"", 0.2) as pair:
        allow(app, pair)
        allowed |= {pair}
        # Longer than the good one may wait, whose threads are its own.
        deliverer = Deliverer(app, clock=house.clock, allowed=allowed, seconds=8)
        house.tell({"email": "ada@people.example"})
        house.integrate()
        deliverer.begin([house.organisation])
        deliverer.wait()
        assert len(receiver.got) == 1
        hostile, key = figure(30, 1000), house.headers
        for number in range(hostile):
            if number % MOST_HOOKS == 0:
                hanging.append(make_organisation(house.clock))
                key = bearer(make_key(house.clock, hanging[-1]))
            made = house.client.post(
                "/v1/webhooks", json={"url": f"http://{pair}/{number}"}, headers=key
            ).get_json()
            house.client.post(f"/v1/webhooks/{made['id']}/test", json={}, headers=key)
        house.tell({"email": "bea@people.example"})
        house.integrate()
        assert deliverer.begin(hanging) == hostile
        begun = time.monotonic()
        deliverer.begin([house.organisation])
        while len(receiver.got) < 2:
            assert time.monotonic() - begun < 6
            time.sleep(0.01)
        deliverer.finish()


def test_what_waits_is_dropped_when_a_receiver_is_closed(
    app: Flask, house: House, receiver: Receiver
) -> None:
    hook = declare(app, house, receiver)
    house.tell({"email": "ada@people.example"})
    assert (
        house.client.delete(f"/v1/webhooks/{hook['id']}", headers=house.headers).status_code
        == 204
    )
    deliver(app, house)
    assert receiver.got == []
    assert house.get("/v1/webhooks").get_json() == {"webhooks": []}
    assert to_micros(house.clock()) > 0


def test_the_figures_tell_of_tries_of_what_waits_and_of_who_was_given_up(
    app: Flask, house: House, receiver: Receiver
) -> None:
    receiver.manners = lambda number: (204 if number == 0 else 410, {})
    declare(app, house, receiver)
    house.tell({"email": "ada@people.example"})
    house.tell({"email": "ben@people.example"})
    house.tell({"email": "eve@people.example"})
    deliver(app, house)
    deliverer = Deliverer(app, clock=house.clock)
    deliverer.tell_figures([house.organisation])
    deliverer.finish()
    told = house.client.get("/metrics").get_data(as_text=True)
    assert 'consent_webhook_attempts_total{outcome="delivered"} 1.0' in told
    assert 'consent_webhook_attempts_total{outcome="gone"}' in told
    assert "consent_webhooks_given_up 1.0" in told
    waiting = listed(house)["waiting"]
    assert f"consent_webhook_messages_waiting {float(waiting)}" in told
    assert waiting > 0
