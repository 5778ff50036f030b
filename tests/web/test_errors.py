"""Every refusal has one shape, and carries nothing of what was sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from consent_server.db import TROUBLE
from tests.web.example import ADDRESS, TOKEN

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_another_method_is_405_and_names_the_right_ones(
    visit: FlaskClient, method: str
) -> None:
    answer = visit.open("/v1/permissions", method=method)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert answer.mimetype == "application/problem+json"


def test_a_missing_address_is_the_same_404_whatever_was_asked(visit: FlaskClient) -> None:
    first, second = visit.get("/v1/nothing"), visit.get("/v1/sites/other/x?q=1")

    assert first.status_code == second.status_code == 404
    assert first.data == second.data
    assert first.json == {
        "type": "http://127.0.0.1:8000/v1/docs#problem-not_found",
        "title": "Not found",
        "status": 404,
        "code": "not_found",
    }


def test_a_problem_keeps_its_type_readable_on_the_docs_page(visit: FlaskClient) -> None:
    answer = visit.post("/v1/permissions", json=[])
    assert answer.json is not None
    anchor = answer.json["type"].partition("#")[2]

    assert f'id="{anchor}"' in visit.get("/v1/docs").text


@pytest.mark.parametrize(
    ("language", "words"), [("fr-FR", "Il n’y a rien ici"), ("en", "There is nothing here")]
)
def test_people_get_a_readable_page_in_their_language(
    visit: FlaskClient, language: str, words: str
) -> None:
    answer = visit.get(f"/u/{TOKEN}", headers={"Accept-Language": language})

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert words in answer.text
    assert f'<html lang="{language[:2]}"' in answer.text


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_a_token_never_comes_back(visit: FlaskClient, accept: str) -> None:
    answer = visit.get(f"/u/{TOKEN}?email={ADDRESS}", headers={"Accept": accept})

    assert TOKEN not in answer.text + str(answer.headers)
    assert ADDRESS not in answer.text + str(answer.headers)


def test_an_unknown_address_answers_as_it_was_asked(visit: FlaskClient) -> None:
    assert visit.get("/other", headers={"Accept": "text/html"}).mimetype == "text/html"
    assert visit.get("/other").mimetype == "application/problem+json"
    page = visit.get("/v1/other", headers={"Accept": "text/html"})
    assert page.mimetype == "application/problem+json"


def test_a_fault_of_ours_says_nothing_but_its_name_in_our_logs(
    visit: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = visit.get("/u/broken")
    written = capsys.readouterr()

    assert answer.status_code == 500
    assert ADDRESS not in answer.text + written.err + written.out
    assert "RuntimeError" in written.err
    assert "example.py:" in written.err
    fault = next(line for line in written.err.splitlines() if '"unexpected"' in line)
    assert json.loads(fault)["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda kind: f"{kind.__module__}")
def test_database_trouble_is_503_with_a_time_to_come_back(
    room: Flask, trouble: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    error = trouble.__new__(trouble)
    Exception.__init__(error, f"database is locked for {ADDRESS}")

    def view() -> str:
        raise error

    room.add_url_rule("/v1/trouble", view_func=view)
    answer = room.test_client().get("/v1/trouble")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json is not None
    assert answer.json["trace_id"] == answer.headers["X-Request-Id"]
    assert ADDRESS not in answer.text + capsys.readouterr().err


def test_u_0000_in_an_address_is_not_found(visit: FlaskClient) -> None:
    assert visit.get("/u/a%00b").status_code == 404


def test_a_strange_host_is_answered_all_the_same(visit: FlaskClient) -> None:
    answer = visit.get("/v1/nothing", headers={"Host": "evil.example\\@x"})

    assert answer.status_code in {400, 404}
    assert "evil" not in answer.text
