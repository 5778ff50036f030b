"""What machines ask: alive, ready, figures, and the standard places."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from prometheus_client.mmap_dict import MmapedDict

from consent_server.clock import parse_rfc3339
from consent_server.web import log
from consent_server.web.metrics import Metrics, start_anew
from tests.support.clock import NOON, HandClock
from tests.web.example import ADDRESS, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient


def test_healthz_asks_nothing(visit: FlaskClient) -> None:
    assert visit.get("/healthz").json == {"status": "ok"}


def test_readyz_names_what_it_waits_for(room: Flask, visit: FlaskClient) -> None:
    assert visit.get("/readyz").json == {"status": "ready"}
    room.extensions["example.waiting"] = ["demo.json"]
    answer = visit.get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["waiting"] == ["demo.json"]
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.9.9.9"])
def test_this_machine_sees_the_figures(visit: FlaskClient, address: str) -> None:
    answer = visit.get("/metrics", environ_base={"REMOTE_ADDR": address})

    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize(
    ("address", "header"),
    [
        ("198.51.100.7", ""),
        ("127.0.0.1", "X-Forwarded-For"),
        ("127.0.0.1", "Forwarded"),
        ("", ""),
    ],
)
def test_others_need_a_key_even_behind_a_proxy_on_this_machine(
    room: Flask, visit: FlaskClient, address: str, header: str
) -> None:
    headers = {header: "127.0.0.1"} if header else {}
    place = {"REMOTE_ADDR": address}
    refused = visit.get("/metrics", environ_base=place, headers=headers)

    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    room.extensions["example.may_see"] = True
    assert visit.get("/metrics", environ_base=place, headers=headers).status_code == 200


def test_figures_know_routes_and_never_what_was_in_them(visit: FlaskClient) -> None:
    visit.get(f"/u/{TOKEN}?email={ADDRESS}")
    visit.open(f"/{TOKEN}", method="BREW")
    text = visit.get("/metrics").text

    assert (
        'consent_http_requests_total{method="GET",route="/u/<token>",status="4xx"} 1.0' in text
    )
    assert 'consent_http_requests_total{method="OTHER",route="(none)",status="4xx"} 1.0' in text
    assert 'consent_http_seconds_count{route="/u/<token>"} 1.0' in text
    assert TOKEN not in text
    assert ADDRESS not in text


def _count(folder: Path) -> None:
    metrics = Metrics(folder)
    for _ in range(100):
        metrics.observe("/x", "GET", 200, 0.003)


def test_the_figures_of_all_processes_are_added_even_of_dead_ones(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_count, args=(tmp_path / "metrics",)) for _ in range(2)]
    for process in processes:
        process.start()
    _count(tmp_path / "metrics")
    for process in processes:
        process.join()
    text = Metrics(tmp_path / "metrics").expose().decode()

    assert 'consent_http_requests_total{method="GET",route="/x",status="2xx"} 300.0' in text
    assert 'consent_http_seconds_bucket{le="0.005",route="/x"} 300.0' in text
    assert 'consent_http_seconds_bucket{le="0.0025",route="/x"} 0.0' in text
    start_anew(tmp_path)
    assert b"300.0" not in Metrics(tmp_path / "metrics").expose()


def _forked(act: Callable[[], object], *, stays: bool = False) -> int:
    """Let a child do something, and go on only then; gives its number."""
    done, doing = os.pipe()
    if child := os.fork():
        os.close(doing)
        with os.fdopen(done) as line:
            assert line.readline() == "done\n"
        if not stays:
            os.waitpid(child, 0)
        return child
    try:
        act()
        os.write(doing, b"done\n")
        if stays:
            signal.pause()
    finally:
        os._exit(0)


def test_a_server_started_beside_another_does_not_wipe_its_figures(tmp_path: Path) -> None:
    def serve() -> None:
        start_anew(tmp_path)
        _count(tmp_path / "metrics")

    first = _forked(serve, stays=True)
    try:
        _forked(lambda: start_anew(tmp_path))
        assert b"100.0" in Metrics(tmp_path / "metrics").expose()
    finally:
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
    _forked(lambda: start_anew(tmp_path))
    assert b"100.0" not in Metrics(tmp_path / "metrics").expose()


def test_a_file_of_figures_is_whole_from_its_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def opened(name: str) -> MmapedDict:
        # Another process may be asked for the figures just now.
        sizes.append(Path(name).stat().st_size)
        return MmapedDict(name)  # type: ignore[no-untyped-call] # its authors publish no types

    monkeypatch.setattr("consent_server.web.metrics._file", opened)
    _count(tmp_path / "metrics")
    assert len(sizes) == 3
    assert all(sizes)


def test_security_txt_says_whom_to_write_to_and_until_when(visit: FlaskClient) -> None:
    answer = visit.get("/.well-known/security.txt")
    told = dict(line.split(": ", 1) for line in answer.text.splitlines())

    assert answer.content_type == "text/plain; charset=utf-8"
    assert told["Contact"] == "mailto:security@consent.example"
    assert told["Canonical"] == "http://127.0.0.1:8000/.well-known/security.txt"
    assert 0 < (parse_rfc3339(told["Expires"]) - NOON).days < 365


def test_gpc_json_says_that_the_signal_is_honoured(visit: FlaskClient) -> None:
    answer = visit.get("/.well-known/gpc.json")

    assert answer.mimetype == "application/json"
    assert answer.json is not None
    assert answer.json["gpc"] is True
    assert date.fromisoformat(answer.json["lastUpdate"]) <= NOON.date()


def test_a_request_is_one_line_without_anything_personal(
    visit: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = visit.get(f"/u/{TOKEN}?email={ADDRESS}", headers={"User-Agent": ADDRESS})
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)

    assert told.pop("ms") >= 0
    assert told == {
        "time": "2026-11-23T12:00:00.000000Z",
        "level": "info",
        "event": "request",
        "method": "GET",
        "route": "/u/<token>",
        "status": 404,
        "request_id": answer.headers["X-Request-Id"],
    }


def test_a_field_that_is_not_on_the_list_does_not_reach_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("INFO", HandClock())
    structlog.get_logger().info("job", count=3, email=ADDRESS, subject=ADDRESS)
    structlog.get_logger().debug("quiet")
    written = capsys.readouterr().err

    assert ADDRESS not in written
    assert json.loads(written)["count"] == 3
