"""How people answered is counted without people: rounded, by day, language, layer, device."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server.db import Sql, read
from consent_server.decisions.figures import ROUNDED_TO
from consent_server.decisions.statistics_cli import statistics_command
from consent_server.decisions.tally import device_class, write_tallies
from tests.support.document import apply
from tests.support.house import ORIGIN

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock
    from tests.support.house import House

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1"
DESK = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


def choose(house: House, action: str, agent: str = DESK, **but: Any) -> None:
    answer = house.client.post(
        f"/v1/sites/{house.site}/decisions",
        json=house.choice(action, **but),
        headers={"Origin": ORIGIN, "User-Agent": agent},
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)


def told(house: House, query: str = "") -> dict[str, Any]:
    write_tallies()
    answer = house.get(f"/v1/sites/{house.site}/statistics{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    said: dict[str, Any] = answer.get_json()
    return said


def test_answers_are_counted_by_day_language_layer_and_device(
    house: House, clock: HandClock
) -> None:
    for _ in range(6):
        choose(house, "accept_all", PHONE)
    clock.advance(days=1)
    for _ in range(11):
        choose(house, "refuse_all", language="en", surface="second_layer")
    said = told(house)
    assert said["total"] == {"accepted": 5, "refused": 10, "chosen": 0}
    by_day = {day["day"]: (day["accepted"], day["refused"]) for day in said["days"]}
    assert len(by_day) == 30
    assert by_day["2026-11-23"] == (5, 0)
    assert by_day["2026-11-24"] == (0, 10)
    assert said["languages"] == [
        {"language": "en", "accepted": 0, "refused": 10, "chosen": 0},
        {"language": "fr", "accepted": 5, "refused": 0, "chosen": 0},
    ]
    assert [row["layer"] for row in said["layers"]] == ["first_layer", "second_layer"]
    assert [row["device"] for row in said["devices"]] == ["phone", "desktop"]


def test_a_figure_about_somebody_is_not_given(house: House) -> None:
    choose(house, "accept_all", PHONE, language="en")
    said = told(house)
    assert said["total"] == {"accepted": 0, "refused": 0, "chosen": 0}
    assert said["languages"] == said["layers"] == said["devices"] == []
    numbers = [
        number
        for part in (said["total"], *said["days"])
        for number in part.values()
        if isinstance(number, int)
    ]
    assert all(number % ROUNDED_TO == 0 for number in numbers)


def test_a_decision_sent_twice_counts_once(house: House) -> None:
    body = house.choice("accept_all")
    for _ in range(8):
        assert house.choose(body).status_code == 201
    assert told(house)["total"]["accepted"] == 0


def test_downloads_are_a_lower_bound_and_are_not_a_write_each(
    house: House, client: FlaskClient
) -> None:
    for _ in range(12):
        assert client.get(f"/w/{house.site}.js?lang=fr").status_code == 200
    with read(house.organisation) as tx:
        rows = Sql("SELECT COUNT(*) FROM site_tally WHERE organisation_id = :organisation")
        assert tx.run(rows, {"organisation": house.organisation})[0][0] == 0
    assert told(house)["downloads_lower_bound"] == 10
    with read(house.organisation) as tx:
        kept = Sql("SELECT what, count FROM site_tally WHERE organisation_id = :organisation")
        stored = tx.run(kept, {"organisation": house.organisation})
    assert [tuple(row) for row in stored] == [("download", 12)]


def test_what_was_counted_in_two_batches_adds_up(house: House, client: FlaskClient) -> None:
    for _ in range(2):
        for _ in range(5):
            client.get(f"/w/{house.site}.js?lang=fr")
        write_tallies()
    assert told(house)["downloads_lower_bound"] == 10


def test_with_the_setting_off_nothing_is_counted_and_the_question_is_refused(
    house: House, clock: HandClock
) -> None:
    apply(clock, lambda document: document["sites"][0].update(banner={"statistics": False}))
    for _ in range(6):
        house.client.get(f"/w/{house.site}.js?lang=fr")
    write_tallies()
    answer = house.get(f"/v1/sites/{house.site}/statistics")
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "statistics_off"
    with read(house.organisation) as tx:
        rows = Sql("SELECT COUNT(*) FROM site_tally WHERE organisation_id = :organisation")
        assert tx.run(rows, {"organisation": house.organisation})[0][0] == 0


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?since=2026-13-01", "/since"),
        ("?until=2026-02-30", "/until"),
        ("?since=2026-11-24&until=2026-11-23", "/until"),
        ("?since=2020-01-01", "/until"),
        ("?since=yesterday!", "/since"),
        ("?until=9999-12-31", "/until"),
        ("?until=0001-01-01", "/until"),
    ],
)
def test_a_period_that_is_none_is_refused_by_name(
    house: House, query: str, pointer: str
) -> None:
    answer = house.get(f"/v1/sites/{house.site}/statistics{query}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_only_a_key_of_the_organisation_may_ask(house: House) -> None:
    path = f"/v1/sites/{house.site}/statistics"
    assert house.client.get(path).status_code == 401
    assert house.get("/v1/sites/site_0000000000001/statistics").status_code == 404
    assert house.get("/v1/sites/www/statistics").status_code == 200


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (PHONE, "phone"),
        (DESK, "desktop"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/142 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X710) Chrome/142 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E148", "tablet"),
        ("", "desktop"),
        ("Android" * 100_000, "tablet"),
    ],
)
def test_a_device_is_known_as_coarsely_as_by_a_pages_layout(agent: str, device: str) -> None:
    assert device_class(agent) == device


def test_the_command_line_shows_a_table_a_picture_and_json(house: House) -> None:
    for _ in range(7):
        choose(house, "accept_all")
    write_tallies()
    words = ["www", "-o", "cubalys"]
    text = CliRunner().invoke(statistics_command, words).output
    assert "accepted 5, refused 0, chosen 0" in text
    assert "2026-11-23  ████" in text
    done = CliRunner().invoke(statistics_command, [*words, "--json"])
    assert json.loads(done.stdout) == told(house)
