"""The swift door and Flask are one address: whoever asks cannot tell which one answered."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from consent_server.db import write
from consent_server.organisations import Scope, bump, revoke_key
from consent_server.permissions.door import SwiftDoor
from tests.support.make import bearer, make_key
from tests.support.swift import Alone, said

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock
    from tests.support.house import House

PATH = "/v1/permissions"
ADA = {"email": "ada@people.example"}
BEN = {"email": "ben@people.example"}
PEOPLE: list[dict[str, Any]] = [
    ADA,
    BEN,
    {"email": " Ada@People.Example "},
    {"email": "nobody@people.example"},
    {"email": "not an address"},
    {"external_id": "x-7"},
    {"phone": "+33 1 99 00 12 34"},
    {"visitor": "v" * 22},
    {"sha256_email": "0" * 64},
    {"sha256_email": "no hash"},
    {"email": 7},
    {"email": "a", "phone": "b"},
    {"name": "ada"},
    {},
]
PURPOSES = ["newsletter", "prospecting.email", "analytics", "nope", "prospecting", "", 3]
MORE: list[dict[str, Any]] = [
    {},
    {"channel": "email"},
    {"channel": "smoke"},
    {"explain": "full"},
    {"known": "now"},
    {"at": "2026-11-23T11:00:00Z"},
    {"at": "2999-01-01T00:00:00Z"},
    {"questions": [{"purpose": "newsletter"}, {"purpose": "nope"}]},
    {"unknown": True},
]
RAW = [
    b"", b"{", b"[]", b"null", b'{"purpose": "newsletter", "purpose": "nope"}',
    b'{"subject": {"email": "\\ud800"}, "purpose": "newsletter"}', b"\xff",
    b'{"subject": {"email": "a@b.example"}, "purpose": NaN}', b"{" + b" " * 70_000 + b"}",
]  # fmt: skip
bodies = st.one_of(
    st.builds(
        lambda subject, purpose, more: json.dumps(
            {"subject": subject, "purpose": purpose, **more}
        ).encode(),
        st.sampled_from(PEOPLE),
        st.sampled_from(PURPOSES),
        st.sampled_from([{}, *MORE]),
    ),
    st.sampled_from(RAW),
)
requests = st.fixed_dictionaries(
    {
        "data": bodies,
        "key": st.sampled_from(["right"] * 6 + ["without scope", "wrong", "none"]),
        "method": st.sampled_from(["POST"] * 9 + ["GET", "HEAD", "OPTIONS", "PUT"]),
        "query_string": st.sampled_from([""] * 6 + ["a=b", "key=cs_live_x"]),
        "content_type": st.sampled_from(
            ["application/json"] * 6
            + ["application/json; charset=utf-8", "text/plain", "APPLICATION/JSON"]
        ),
    },
    optional={
        "headers": st.sampled_from(
            [
                {"Origin": "http://elsewhere.example"},
                {"Content-Encoding": "gzip"},
                {"Content-Encoding": "identity"},
                {"Accept": "text/html"},
            ]
        )
    },
)


@pytest.fixture
def door(app: Flask) -> SwiftDoor:
    assert isinstance(app.wsgi_app, SwiftDoor)
    return app.wsgi_app


@pytest.fixture
def known(house: House, clock: HandClock) -> House:
    """Give a house where Ada said yes and Ben said no, a minute ago."""
    house.tell(ADA)
    house.tell(BEN, choices={"newsletter": "refused"})
    house.post("/v1/subjects", {"identifiers": [{"external_id": "x-7"}], "source": "t"})
    clock.advance(minutes=1)
    return house


def answered(wsgi: Any, asked: dict[str, Any], keys: dict[str, str]) -> tuple[Any, ...]:
    """Ask one of the two, and forget what differs from request to request."""
    headers = {**asked.get("headers", {}), **bearer(keys[asked["key"]])}
    if asked["key"] == "none":
        del headers["Authorization"]
    plain = {name: asked[name] for name in asked if name not in {"key", "headers"}}
    return said(Client(wsgi).open(PATH, headers=headers, **plain))


def test_both_doors_say_the_same_byte_for_byte(
    known: House, door: SwiftDoor, clock: HandClock
) -> None:
    keys = {
        "right": known.key,
        "without scope": make_key(clock, known.organisation, {Scope.RECORD}),
        "wrong": "cs_live_wrong",
        "none": "",
    }

    @given(asked=requests)
    def alike(asked: dict[str, Any]) -> None:
        # Flask first: what it learns is what the other one works from.
        assert answered(door.flask, asked, keys) == answered(door, asked, keys)

    alike()


def swiftly(house: House, door: SwiftDoor, subject: dict[str, Any], **more: Any) -> Any:
    """Ask while what is kept for a second is surely younger, and only the swift door."""
    for _ in range(20):
        house.ask(subject, **more)
        try:
            with Alone(door):
                return house.ask(subject, **more)
        except AssertionError:
            continue  # the machine was busy for that second
    raise AssertionError("the swift door never answered")


@pytest.mark.parametrize(
    "subject",
    [
        ADA,
        BEN,
        {"external_id": "x-7"},
        {"visitor": "v" * 22},
        {"sha256_email": "0" * 64},
    ],
    ids=lambda subject: next(iter(subject)),
)
def test_a_plain_question_never_reaches_flask(
    known: House, door: SwiftDoor, subject: dict[str, Any]
) -> None:
    answer = swiftly(known, door, subject)
    with_channel = swiftly(known, door, subject, channel="email")
    assert (answer["allowed"], with_channel["allowed"]) == ((subject == ADA,) * 2)


def test_promise_2_the_very_next_answer_of_either_door_is_no_after_a_withdrawal(
    known: House, door: SwiftDoor
) -> None:
    for _ in range(5):
        assert known.why(ADA) == "consent"
        known.clock.advance(minutes=1)
        known.tell(ADA, choices={"newsletter": "withdrawn"})
        assert known.why(ADA) == "withdrawn"
        known.clock.advance(minutes=1)
        # Over a no, a key holder's own word does not do.
        known.tell(ADA, assertion="evidenced", evidence="form 12, kept on paper")
    assert swiftly(known, door, ADA)["because"] == "consent"


def test_a_changed_configuration_is_in_the_very_next_answer(
    known: House, door: SwiftDoor, app: Flask
) -> None:
    assert swiftly(known, door, ADA)["allowed"]
    with app.app_context(), write(known.organisation) as tx:
        bump(tx, known.organisation)
    # Another version: what is in memory no longer counts, and Flask reads it anew.
    assert known.why(ADA) == "consent"
    assert swiftly(known, door, ADA)["allowed"]


def test_a_key_revoked_here_opens_neither_door(
    known: House, door: SwiftDoor, app: Flask, clock: HandClock
) -> None:
    assert swiftly(known, door, ADA)["allowed"]
    key_id = f"key_{known.key.removeprefix('cs_live_')[:8]}"
    with app.app_context(), write(known.organisation) as tx:
        revoke_key(tx, known.organisation, key_id, actor="tests", now=clock())
    assert known.post(PATH, {"subject": ADA, "purpose": "newsletter"}).status_code == 401


def test_whichever_door_answers_a_request_is_counted_once(known: House) -> None:
    def left(more: dict[str, Any]) -> int:
        answer = known.post(PATH, {"subject": ADA, "purpose": "newsletter", **more})
        found = re.search(r";r=(\d+)", answer.headers["RateLimit"])
        assert found is not None
        return int(found[1])

    first = left({})
    unusual = [
        {},
        {"explain": "full"},
        {"at": "2026-11-23T11:00:00Z"},
        {},
        {"channel": "email"},
    ]
    assert [first - left(more) for more in unusual] == [1, 2, 3, 4, 5]


def test_figures_and_log_name_the_route_whichever_door_answered(
    known: House, door: SwiftDoor, capsys: pytest.CaptureFixture[str]
) -> None:
    def counted() -> float:
        shown = known.get("/metrics").get_data(as_text=True)
        found = re.search(
            r'requests_total\{method="POST",route="/v1/permissions",status="2xx"\} (\S+)', shown
        )
        return float(found[1]) if found else 0.0

    before = counted()
    capsys.readouterr()
    swiftly(known, door, ADA)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    own = [line for line in lines if line["route"] == PATH]
    assert counted() - before == len(own) >= 2
    assert {tuple(line) for line in own} == {tuple(own[0])}
    assert {(line["method"], line["status"]) for line in own} == {("POST", 200)}
