"""What every answer carries, and what only pages carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.web import client_prefix
from consent_server.web.assets import address
from tests.web import example
from tests.web.example import ORIGIN, SITE, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

ANSWERS = [
    ("GET", "/"), ("GET", "/v1/docs"), ("GET", "/v1/openapi.json"), ("GET", "/healthz"),
    ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/.well-known/security.txt"),
    ("GET", "/.well-known/gpc.json"), ("GET", "/v1/events"), ("GET", "/v1/events?after=x"),
    ("GET", "/u/x"), ("GET", "/u/broken"), ("GET", f"/u/{TOKEN}"), ("GET", "/v1/nothing"),
    ("GET", "/nothing"), ("POST", "/"), ("POST", "/v1/permissions"), ("HEAD", "/"),
    ("OPTIONS", f"/v1/sites/{SITE}/decisions"), ("POST", f"/v1/sites/{SITE}/decisions"),
    ("GET", "/static/pages/none.css"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ANSWERS)
def test_every_answer_carries_the_headers_errors_included(
    visit: FlaskClient, method: str, path: str
) -> None:
    headers = visit.open(path, method=method).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] in {"same-origin", "cross-origin"}
    assert headers["Cache-Control"]
    assert len(headers["X-Request-Id"]) == 16
    assert "Set-Cookie" not in headers
    assert "Strict-Transport-Security" not in headers
    names = [name.lower() for name, _ in headers]
    assert len(names) == len(set(names)), "a header is there twice"


@pytest.mark.parametrize("path", ["/", "/v1/docs", "/u/x", f"/u/{TOKEN}", "/u/broken"])
def test_pages_may_do_nothing_but_show_themselves(visit: FlaskClient, path: str) -> None:
    answer = visit.get(path)

    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert answer.headers["Content-Language"] in {"fr", "en"}


def test_a_page_with_a_token_is_kept_and_listed_by_nobody(visit: FlaskClient) -> None:
    answer = visit.get("/u/x")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex' in answer.text


def test_the_start_page_may_be_listed_and_cached(visit: FlaskClient) -> None:
    answer = visit.get("/")

    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "X-Robots-Tag" not in answer.headers
    assert "Accept-Language" in answer.headers["Vary"]


def test_an_answer_about_a_person_is_never_cached(visit: FlaskClient) -> None:
    body = {"subject": {"visitor": "v"}, "purpose": "news"}

    assert visit.post("/v1/permissions", json=body).headers["Cache-Control"] == "no-store"


def test_only_an_https_address_promises_https(tmp_path: Path) -> None:
    secure = example.make(tmp_path, CONSENT_BASE_URL="https://consent.example")

    headers = secure.test_client().get("/").headers
    assert headers["Strict-Transport-Security"] == "max-age=63072000"


def test_the_style_sheet_is_named_by_its_bytes_and_kept_for_a_year(visit: FlaskClient) -> None:
    page = visit.get("/").text
    address = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]

    plain = visit.get(address)
    assert plain.status_code == 200
    assert plain.mimetype == "text/css"
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for encoding in ("br", "gzip"):
        packed = visit.get(address, headers={"Accept-Encoding": encoding})
        assert packed.headers["Content-Encoding"] == encoding
        assert len(packed.data) < len(plain.data) / 2
    again = visit.get(address, headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304


def test_the_declarations_of_the_banner_have_an_address_that_stays(visit: FlaskClient) -> None:
    answer = visit.get("/static/widget/consent.d.ts")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "interface Consent {" in answer.text


def test_pages_of_sites_fetch_the_script_of_their_form_and_may_check_its_bytes(
    visit: FlaskClient,
) -> None:
    named, hashed = visit.get("/static/signup/fr.js"), visit.get(address("signup/fr.js"))
    assert named.data == hashed.data
    assert named.headers["Cache-Control"] == "public, max-age=300"
    for answer in (named, hashed):
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    ["/static/pages/pages.css", "/static/signup/manifest.json",
     "/static/pages/pages.0000000000000000.css",
     "/static/pages/..%2f..%2fconfig.py", "/static/widget/x.js", "/static/pages/"],
)  # fmt: skip
def test_no_other_file_is_served(visit: FlaskClient, path: str) -> None:
    assert visit.get(path).status_code == 404


@pytest.mark.parametrize(
    ("hops", "sent", "expected"),
    [
        ("0", "203.0.113.9", "198.51.100.0/24"),
        ("1", "203.0.113.9", "203.0.113.0/24"),
        ("1", "1.2.3.4, 203.0.113.9", "203.0.113.0/24"),
        ("2", "1.2.3.4, 203.0.113.9, 10.0.0.1", "203.0.113.0/24"),
        ("0", "", "198.51.100.0/24"),
    ],
)
def test_only_our_own_proxies_say_who_calls(
    tmp_path: Path, hops: str, sent: str, expected: str
) -> None:
    app = example.make(tmp_path, CONSENT_TRUSTED_PROXIES=hops)
    app.add_url_rule("/who", view_func=client_prefix)
    headers = {"X-Forwarded-For": sent, "Forwarded": "for=9.9.9.9", "X-Real-IP": "9.9.9.9"}

    answer = app.test_client().get(
        "/who", headers=headers, environ_base={"REMOTE_ADDR": "198.51.100.7"}
    )
    assert answer.text == expected


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example"])
def test_an_answer_to_a_page_elsewhere_says_it_varies(visit: FlaskClient, origin: str) -> None:
    answer = visit.post(f"/v1/sites/{SITE}/decisions", json={}, headers={"Origin": origin})

    assert "Origin" in answer.headers["Vary"]
