"""Exactly the site's origins, and no other page in the world (security.md, test 71)."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.web.example import ORIGIN, SITE

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

PATH = f"/v1/sites/{SITE}/decisions"
BODY = {"subject": {"visitor": "v"}, "purpose": "audience"}
HOSTILE = [
    "null",
    "",
    "*",
    "https://shop.example.",
    "https://shop.example:443",
    "http://shop.example",
    "https://SHOP.example",
    "HTTPS://shop.example",
    "https://shop.example/",
    "https://shop.example:8443",
    "https://evil-shop.example",
    "https://shop.example.evil.example",
    "https://evil.example/shop.example",
    "https://a.shop.example",
    "https://shop.example@evil.example",
    "https://user@shop.example",
    "https://shop.example, https://evil.example",
    "https://shop.example https://evil.example",
    "https://xn--shp-0na.example",
    "https://sh\u043ep.example".encode().decode("latin-1"),
    "https://shop.example%00.evil.example",
    "https://shop.example#",
    "file://",
    "https://shop.exampl",
    "https://localhost:8001",
    "http://localhost:8002",
    "http://127.0.0.1:8001",
    "chrome-extension://abc",
]


def _post(visit: FlaskClient, origin: str) -> TestResponse:
    return visit.post(PATH, json=BODY, headers={"Origin": origin})


def _ask(visit: FlaskClient, origin: str) -> TestResponse:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Private-Network": "true",
    }
    return visit.options(PATH, headers=headers)


def _opened(answer: TestResponse) -> list[str]:
    return [name for name, _ in answer.headers if name.startswith("Access-Control-Allow")]


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:8001"])
def test_a_registered_origin_may_ask_write_and_read(visit: FlaskClient, origin: str) -> None:
    asked, written = _ask(visit, origin), _post(visit, origin)

    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == origin
    assert asked.headers["Access-Control-Allow-Methods"] == "POST"
    assert asked.headers["Access-Control-Max-Age"] == "600"
    assert written.status_code == 201
    assert written.headers["Access-Control-Allow-Origin"] == origin
    assert written.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("origin", HOSTILE)
def test_any_other_origin_may_neither_write_nor_read(visit: FlaskClient, origin: str) -> None:
    asked, written = _ask(visit, origin), _post(visit, origin)

    assert _opened(asked) == _opened(written) == []
    assert written.status_code == 403
    assert written.json is not None
    assert written.json["code"] == "foreign_origin"
    for answer in (asked, written):
        assert "Origin" in answer.headers["Vary"]


def test_ten_thousand_near_misses_open_nothing(visit: FlaskClient) -> None:
    chance = random.Random(71)
    letters = "htps:/.example-0123456789@#?%\\ ABCs"
    for _ in range(10_000):
        text = list(ORIGIN)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            text[at : at + chance.randint(0, 1)] = chance.choice(letters)
        origin = "".join(text).strip()
        if origin != ORIGIN:
            assert _opened(_ask(visit, origin)) == []


def test_credentials_and_private_networks_are_never_opened(visit: FlaskClient) -> None:
    for answer in (_ask(visit, ORIGIN), _post(visit, ORIGIN)):
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Access-Control-Allow-Private-Network" not in answer.headers


def test_a_refusal_can_be_read_by_the_page_that_caused_it(visit: FlaskClient) -> None:
    answer = visit.post(PATH, json={}, headers={"Origin": ORIGIN})

    assert answer.status_code == 422
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_caller_that_is_no_page_needs_no_origin(visit: FlaskClient) -> None:
    answer = visit.post(PATH, json=BODY)

    assert answer.status_code == 201
    assert _opened(answer) == []


def test_an_unknown_site_opens_nothing(visit: FlaskClient) -> None:
    answer = visit.options("/v1/sites/other/decisions", headers={"Origin": ORIGIN})

    assert answer.status_code == 404
    assert _opened(answer) == []


def test_the_systems_api_is_open_to_no_page(visit: FlaskClient) -> None:
    for method in ("OPTIONS", "POST"):
        answer = visit.open("/v1/permissions", method=method, headers={"Origin": ORIGIN})
        assert _opened(answer) == []


def test_a_request_opens_nothing_that_one_before_it_in_the_same_context_opened(
    visit: FlaskClient,
) -> None:
    with visit.application.app_context():
        assert _opened(_post(visit, ORIGIN)) != []
        answer = visit.post("/v1/permissions", headers={"Origin": ORIGIN})
        assert _opened(answer) == []
        assert "RateLimit" not in answer.headers
