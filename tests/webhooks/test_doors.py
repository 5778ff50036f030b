"""Declaring receivers by API and command line: what is refused, who may, what is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server.webhooks.cli import webhooks_commands
from consent_server.webhooks.schemas import MOST_HOOKS
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from click.testing import Result
    from flask import Flask

    from tests.support.clock import HandClock
    from tests.support.house import House

URL = "https://hooks.example.org/in?key=canary-7"


def make(house: House, url: str = URL, **more: Any) -> dict[str, Any]:
    answer = house.post("/v1/webhooks", {"url": url, **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def run(app: Flask, *arguments: str) -> Result:
    del app  # Its context is open; the commands use it.
    return CliRunner().invoke(webhooks_commands, arguments)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": "http://hooks.example.org/"}, "/url"),
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"url": "https://localhost/"}, "/url"),
        ({"url": "https://hooks.example.org:6379/"}, "/url"),
        ({"url": "https://me:secret@hooks.example.org/"}, "/url"),
        ({"url": URL, "events": ["consent.forgotten"]}, "/events/0"),
        ({"url": URL, "events": "consent.granted"}, "/events"),
        ({"url": URL, "colour": "red"}, "/colour"),
    ],
)
def test_a_bad_receiver_is_refused_by_the_name_of_its_field(
    house: House, body: dict[str, Any], pointer: str
) -> None:
    answer = house.post("/v1/webhooks", body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer
    assert "secret@" not in answer.get_data(as_text=True)
    assert house.get("/v1/webhooks").get_json() == {"webhooks": []}


def test_the_secret_is_shown_once(house: House) -> None:
    made = make(house)
    assert made["secret"].startswith("whsec_")
    (shown,) = house.get("/v1/webhooks").get_json()["webhooks"]
    assert shown == {key: value for key, value in made.items() if key != "secret"}


def test_a_receiver_too_many_is_refused(house: House) -> None:
    for number in range(MOST_HOOKS):
        make(house, f"https://hooks.example.org/{number}")
    assert house.post("/v1/webhooks", {"url": URL}).status_code == 422


def test_a_foreign_receiver_is_a_missing_one(house: House, clock: HandClock) -> None:
    made = make(house)
    other = bearer(make_key(clock, make_organisation(clock)))
    for path, body in (("secret", {}), ("test", {}), ("replay", {"after": 0}), ("enable", {})):
        answers = [
            house.client.post(f"/v1/webhooks/{name}/{path}", json=body, headers=other)
            for name in (made["id"], "whk_0000000000001", "nothing")
        ]
        assert {answer.status_code for answer in answers} == {404}
    path = f"/v1/webhooks/{made['id']}"
    assert house.client.delete(path, headers=other).status_code == 404
    assert house.client.get(f"{path}/deliveries", headers=other).status_code == 404
    assert len(house.get("/v1/webhooks").get_json()["webhooks"]) == 1


def test_a_receivers_address_lies_sealed(house: House, settings: Any) -> None:
    make(house)
    folder = settings.data
    written = b"".join(
        path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size
    )
    assert b"canary-7" not in written


def test_every_change_stands_in_the_audit_trail(house: House) -> None:
    made = make(house)
    path = f"/v1/webhooks/{made['id']}"
    house.post(f"{path}/secret", {})
    house.post(f"{path}/test", {})
    house.post(f"{path}/replay", {"after": 0})
    house.post(f"{path}/enable", {})
    house.client.delete(path, headers=house.headers)
    lines = house.get("/v1/audit?limit=200").get_json()["entries"]
    assert sorted(each["action"] for each in lines if each["target"] == made["id"]) == [
        "webhook.closed",
        "webhook.created",
        "webhook.enabled",
        "webhook.replayed",
        "webhook.secret_replaced",
        "webhook.test",
    ]
    assert "canary-7" not in json.dumps(lines)


def test_the_command_line_declares_shows_and_closes(app: Flask, house: House) -> None:
    made = json.loads(run(app, "add", URL, "--event", "consent.withdrawn", "--json").stdout)
    assert made["events"] == ["consent.withdrawn"]
    name = made["id"]
    assert URL in run(app, "list").stdout
    assert json.loads(run(app, "list", "--json").stdout)[0]["id"] == name
    assert run(app, "secret", name).stdout.startswith("whsec_")
    assert run(app, "test", name).exit_code == 0
    assert "from" not in run(app, "replay", name, "--after", "0").stderr
    assert run(app, "enable", name).exit_code == 0
    assert "Nothing was sent yet." in run(app, "deliveries", name).stdout
    assert run(app, "remove", name).exit_code == 0
    assert "Nobody is told" in run(app, "list").stdout
    assert house.get("/v1/webhooks").get_json() == {"webhooks": []}


@pytest.mark.parametrize(
    "arguments",
    [("add", "http://inside/"), ("remove", "whk_0000000000001"), ("test", "nothing")],
)
def test_the_command_line_refuses_in_words(
    app: Flask, house: House, arguments: tuple[str, ...]
) -> None:
    del house
    result = run(app, *arguments)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
