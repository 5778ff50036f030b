"""The swift door and Flask are one address for choices too, and write the same."""

from __future__ import annotations

import json
import re
import secrets
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pysqlite3.dbapi2 as pysqlite
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from consent_server import organisations
from consent_server.app import create_app
from consent_server.db import Sql, Transaction, db, read
from consent_server.decisions import visit
from consent_server.decisions.door import SwiftDoor
from consent_server.decisions.plain import write_plain
from consent_server.decisions.read_choice import read_choice
from consent_server.decisions.schemas import BannerDecision
from consent_server.fsck import check_all
from consent_server.ids import parse
from consent_server.problems import Unprocessable
from consent_server.web.schema import load
from tests.support.document import ORIGIN
from tests.support.house import make_house
from tests.support.stood import stood_of
from tests.support.swift import Alone, door_of, said

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from consent_server.config import Settings
    from tests.support.clock import HandClock
    from tests.support.house import House

ACTIONS = ["accept_all", "refuse_all", "withdraw_all", "gpc", "save"]
ANSWERS = ["granted", "refused"]
MORE: list[dict[str, Any]] = [
    {"shown": {"script": "1.2", "layout": "bar", "controls": {"analytics": False}}},
    {"shown": {}},
    {"signals": {"gpc": True}},
    {"signals": {"gpc": False}},
    {"language": "en"},
    {"language": "de-AT"},
    {"language": "No language"},
    {"surface": "second_layer"},
    {"decided_at": "2026-11-23T11:59:00.5Z"},
    {"decided_at": "2026-11-20T08:00:00+02:00"},
    {"decided_at": "2030-01-01T00:00:00Z"},
    {"previous": "p" * 22},
    {"previous": "dec_0000000000005"},
    {"notice_version": "ntv_0000000000005"},
    {"choices": {"analytics": "granted"}},
    {"choices": {"newsletter": "granted"}},
    {"choices": {}},
    {"visitor": "short"},
    {"shown": None},
    {"unknown": 1},
]
HEADERS: list[dict[str, str]] = [
    {"Origin": "https://elsewhere.example"},
    {},
    {"Origin": ORIGIN, "Sec-GPC": "1"},
    {"Origin": ORIGIN, "Sec-GPC": "0", "User-Agent": "Mozilla/5.0 (iPhone; …) Mobile"},
    {"Origin": ORIGIN, "Content-Encoding": "gzip"},
    {"Origin": ORIGIN, "Content-Type": "text/plain"},
]
# One visitor's way: each step some minutes after the one before, which it may name.
steps = st.fixed_dictionaries(
    {
        "action": st.sampled_from(ACTIONS),
        "answers": st.tuples(*[st.sampled_from(ANSWERS)] * 3),
        "fits": st.sampled_from([True] * 4 + [False]),
        "names": st.sampled_from(["nothing", "last", "last", "first"]),
        "again": st.sampled_from([False] * 4 + [True]),
        "late": st.sampled_from([0, 0, 0, 7]),
        "headers": st.sampled_from([{"Origin": ORIGIN}] * 8 + HEADERS),
        "more": st.sampled_from([{}] * 20 + MORE),
    }
)
_WRITTEN = Sql(
    "SELECT d.id, r.sealed, d.sealed, d.choices, d.recorded_at, d.decided_at, d.received_at,"
    " d.door, d.action, d.assertion, d.witness, d.language, d.surface, d.version_id,"
    " d.notice_id, d.number, d.site_id, d.key_id, d.through, d.previous_id IS NULL,"
    " r.kind, r.recorded_at, r.announcements, p.minute, p.announced, p.log FROM decision d"
    " JOIN ledger_record r ON r.organisation_id = d.organisation_id AND r.id = d.id"
    " JOIN ledger_pending p ON p.organisation_id = d.organisation_id AND p.record_id = d.id"
    " WHERE d.organisation_id = :organisation AND d.subject_id = :subject"
    " ORDER BY d.recorded_at"
)
_ID = re.compile(r"(dec|sub)_[0-9a-z]{13}")
# The noes that a yes names, by id, as either engine gives them.
_NAMES = re.compile(r", .names.: ?\[\d+(, ?\d+)*\]|,.names.:\[\d+(,\d+)*\]")


@pytest.fixture
def door(app: Flask) -> SwiftDoor:
    found: SwiftDoor = door_of(app, SwiftDoor)
    return found


def by_the_rules() -> Any:
    """Take no choice for a plain one."""
    return patch.object(visit, "judge", return_value=None)


class Way:
    """One visitor who always comes by the same door."""

    def __init__(self, house: House, wsgi: Any) -> None:
        self.house, self.wsgi = house, wsgi
        self.visitor = secrets.token_urlsafe(16)
        self.sent: list[dict[str, Any]] = []
        self.subject = 0

    def go(self, step: dict[str, Any]) -> tuple[Any, ...]:
        """Send one choice; gives the answer without ids."""
        headers = {"Content-Type": "application/json", **step["headers"]}
        data = json.dumps(self._body(step))
        # By the swift door what its pattern has ready is used; by the other the rules judge.
        used = nullcontext() if isinstance(self.wsgi, SwiftDoor) else by_the_rules()
        with used:
            answer = Client(self.wsgi).post(
                f"/v1/sites/{self.house.site}/decisions", data=data, headers=headers
            )
        if answer.status_code == 201:
            self.subject = parse("sub", answer.get_json()["subject"]) or 0
        status, told, body = said(answer)
        text = re.sub(r'"receipt":"[^"]{43}"', '"receipt":…', body.decode())
        return status, told, _ID.sub(r"\1_…", text)

    def _body(self, step: dict[str, Any]) -> dict[str, Any]:
        if step["again"] and self.sent:
            return self.sent[-1]
        named = {"last": -1, "first": 0}.get(step["names"])
        more = {"previous": self.sent[named]["id"]} if self.sent and named is not None else {}
        body = self.house.choice(step["action"], visitor=self.visitor, **more)
        if step["action"] == "save" or not step["fits"]:
            body["choices"] = dict(zip(body["choices"], step["answers"], strict=True))
        self.sent.append({**body, **step["more"]})
        return self.sent[-1]

    def written(self) -> list[Any]:
        """Tell everything that is now in the tables of this visitor, without ids."""
        keys = organisations.keys_of(self.house.organisation)
        values = {"organisation": self.house.organisation, "subject": self.subject}
        with read(self.house.organisation) as tx:
            rows = tx.run(_WRITTEN, values)
            stood = stood_of(tx, self.house.organisation, self.subject)
        opened = []
        for number, record, sealed, *plain in rows:
            cell = json.loads(keys.unseal(bytes(record), "ledger_record", number))
            inside = json.loads(cell["record"])
            for drawn in ("person", "person_key"):
                assert len(inside.pop(drawn)) == 64
            told = [json.dumps(inside, sort_keys=True), *map(str, plain)]
            opened.append([_ID.sub(r"\1_…", _NAMES.sub("", each)) for each in told])
            opened.append([keys.unseal(bytes(sealed), "decision", number).decode()])
        return [opened, stood]


def test_both_doors_say_and_write_the_same(
    house: House, door: SwiftDoor, clock: HandClock
) -> None:
    @given(way=st.lists(steps, min_size=1, max_size=4))
    def alike(way: list[dict[str, Any]]) -> None:
        slow, swift = Way(house, door.flask), Way(house, door)
        for step in way:
            # Flask first: what it learns is what the other one works from.
            assert slow.go(step) == swift.go(step)
            clock.advance(minutes=3 - step["late"] if step["late"] else 3)
        assert slow.written() == swift.written()

    alike()
    assert list(check_all()) == []


def swiftly(house: House, door: SwiftDoor, body: dict[str, Any]) -> TestResponse:
    """Choose while what is kept for a second is surely younger, and only by the swift door."""
    for _ in range(20):
        house.choose(house.choice())
        try:
            with Alone(door):
                return house.choose(body)
        except AssertionError:
            continue  # the machine was busy for that second
    raise AssertionError("the swift door never answered")


@pytest.mark.parametrize("action", ["accept_all", "refuse_all", "withdraw_all", "gpc"])
def test_a_plain_choice_never_reaches_flask(
    house: House, door: SwiftDoor, clock: HandClock, action: str
) -> None:
    first = house.choice(action)
    assert swiftly(house, door, first).status_code == 201
    again = swiftly(house, door, first)
    assert again.headers["Idempotent-Replayed"] == "true"
    clock.advance(minutes=1)
    then = house.choice("accept_all", visitor=first["visitor"], previous=first["id"])
    with patch.object(visit, "write_plain", side_effect=write_plain) as plainly:
        assert set(swiftly(house, door, then).get_json()["standing"].values()) == {"granted"}
    assert plainly.called


def left(answer: TestResponse) -> int:
    found = re.search(r";r=(\d+)", answer.headers["RateLimit"])
    assert found is not None
    return int(found[1])


def test_whichever_door_takes_a_choice_it_is_counted_once(house: House) -> None:
    first = left(house.choose(house.choice()))
    refused = house.choose(house.choice(notice_version="ntv_0000000000005"))
    assert (refused.status_code, first - left(refused)) == (422, 1)
    assert first - left(house.choose(house.choice())) == 2


def test_what_went_wrong_at_the_swift_door_is_not_tried_a_second_time(house: House) -> None:
    house.choose(house.choice())
    trouble = pysqlite.OperationalError("disk I/O error")
    with patch.object(Transaction, "commit", side_effect=trouble) as commits:
        answer = house.choose(house.choice())
    assert (answer.status_code, commits.call_count) == (503, 1)
    assert house.choose(house.choice()).status_code == 201


def test_behind_a_proxy_of_ours_each_network_has_its_own_quota(
    settings: Settings, clock: HandClock
) -> None:
    app = create_app(replace(settings, trusted_proxies=1), clock=clock)
    with app.app_context():
        house = make_house(app, clock)

        def choose(address: str) -> int:
            house.client.environ_base["HTTP_X_FORWARDED_FOR"] = address
            return left(house.choose(house.choice()))

        first = choose("203.0.113.9")
        assert [choose("203.0.113.9"), choose("198.51.100.7")] == [first - 1, first]
        db.engine.dispose()


def test_what_was_read_of_others_does_not_make_a_bad_body_good(house: House) -> None:
    house.choose(house.choice())
    for bad in ({"id": "short"}, {"visitor": None}, {"decided_at": "now"}, {"more": 1}):
        body = {**house.choice(), **bad}
        with pytest.raises(Unprocessable) as refused:
            read_choice(body)
        (name,) = bad
        assert [fault.pointer for fault in refused.value.errors] == [f"/{name}"]


@given(more=st.sampled_from([{}, *MORE]), action=st.sampled_from(ACTIONS))
def test_a_choice_is_read_as_its_schema_reads_it(more: dict[str, Any], action: str) -> None:
    body = {
        **dict.fromkeys(("id", "visitor"), "a" * 22),
        "notice_version": "ntv_0000000000005",
        "language": "fr",
        "action": action,
        "choices": {"analytics": "granted", "video": "refused"},
        "surface": "page",
        "decided_at": "2026-11-23T11:59:00.5Z",
        **more,
    }

    def read(by: Any) -> Any:
        try:
            return by(body)
        except Unprocessable as refusal:
            return refusal.errors

    assert (
        read(read_choice) == read(read_choice) == read(lambda one: load(BannerDecision(), one))
    )
