"""Rates hold across threads, processes, kills and restarts, and are told in the answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.web.counters import SIZE, SharedCounters
from consent_server.web.limits import network
from tests.support.clock import NOON, HandClock
from tests.web import example
from tests.web.example import ORIGIN, SITE

PATH = f"/v1/sites/{SITE}/decisions"
BODY = {"subject": {"visitor": "v"}, "purpose": "audience"}
SECRET = b"s" * 32
ROOT = Path(__file__).parents[2]

# Counts until it is told to stop, or for good, and says how often it counted.
COUNTER = """
import sys
from pathlib import Path
from consent_server.web.counters import SharedCounters
counters = SharedCounters(Path(sys.argv[1]), b"s" * 32, lambda: 1000.0)
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    counters.hit("one", 60)
    counters.hit("two", 60, 2)
"""

# Forks one that counts and kills it, over and over; says how often a count was torn.
KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from consent_server.web.counters import SharedCounters
counters = SharedCounters(Path(sys.argv[1]), b"s" * 32, lambda: 1000.0)
torn = 0
for _ in range(int(sys.argv[2])):
    counters.clear("one"), counters.clear("two")
    if not (child := os.fork()):
        while True:
            counters.hit("one", 60)
            counters.hit("two", 60, 2)
    time.sleep(0.002 + random.random() / 1000)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    torn += not 0 <= 2 * counters.get("one") - counters.get("two") <= 2
print(torn)
"""


def _counters(path: Path, now: float = 1000.0) -> SharedCounters:
    return SharedCounters(path / "limits.mmap", SECRET, lambda: now)


def _process(path: Path, times: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COUNTER, path / "limits.mmap", str(times)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_a_caller_is_told_what_is_left_and_refused_when_nothing_is(tmp_path: Path) -> None:
    clock = HandClock(NOON + timedelta(seconds=18))
    visit = example.make(tmp_path, clock, CONSENT_LIMIT_DECISIONS="3/minute").test_client()
    answers = [visit.post(PATH, json=BODY, headers={"Origin": ORIGIN}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        f'"decisions";r={left};t=42' for left in (2, 1, 0, 0)
    ]
    refused = answers[-1]
    assert refused.headers["RateLimit-Policy"] == '"decisions";q=3;w=60'
    assert refused.headers["Retry-After"] == "42"
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert refused.json is not None
    assert refused.json["type"].endswith("http-problem-types#quota-exceeded")
    assert refused.json["violated-policies"] == ["decisions"]

    clock.advance(seconds=42)
    assert visit.post(PATH, json=BODY).status_code == 201


def test_another_network_has_a_quota_of_its_own(tmp_path: Path) -> None:
    visit = example.make(tmp_path, CONSENT_LIMIT_DECISIONS="1/minute").test_client()

    def status(address: str) -> int:
        return visit.post(PATH, json=BODY, environ_base={"REMOTE_ADDR": address}).status_code

    assert [status("198.51.100.1"), status("198.51.100.200"), status("198.51.101.1")] == [
        201, 429, 201,
    ]  # fmt: skip


def test_two_applications_on_one_folder_count_together(tmp_path: Path) -> None:
    visits = [
        example.make(tmp_path, CONSENT_LIMIT_DECISIONS="3/minute").test_client()
        for _ in range(2)
    ]
    statuses = [visits[turn % 2].post(PATH, json=BODY).status_code for turn in range(5)]

    assert statuses == [201, 201, 201, 429, 429]


def test_processes_and_threads_lose_no_count(tmp_path: Path) -> None:
    mine = _counters(tmp_path)
    others = [_process(tmp_path, 3_000) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: mine.hit("one", 60), range(3_000)))
    for other in others:
        assert other.wait(60) == 0
        assert other.stdout is not None
        other.stdout.close()

    assert mine.get("one") == 4 * 3_000
    assert mine.get("two") == 3 * 3_000 * 2


def test_kill_9_in_the_middle_leaves_no_lock_behind_and_no_wrong_count(tmp_path: Path) -> None:
    mine = _counters(tmp_path)
    for _ in range(8):
        process = _process(tmp_path, 10**9)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        # A lock left behind would be waited for until the test is given up.
        before = mine.get("one")
        mine.hit("one", 60)
        assert mine.get("one") == before + 1
    # Each kill may have come between the two counts, or inside one.
    assert abs(mine.get("two") - 2 * (mine.get("one") - 8)) <= 2 * 8


def test_kill_9_tears_no_count(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", KILLER, tmp_path / "limits.mmap", "600"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "0"


def test_a_count_survives_a_restart_and_ends_with_its_window(tmp_path: Path) -> None:
    _counters(tmp_path).hit("one", 60)

    assert _counters(tmp_path, 1019.0).hit("one", 60) == (2, 1020)
    assert _counters(tmp_path, 1020.0).hit("one", 60) == (1, 1080)
    assert _counters(tmp_path, 1080.0).get("one") == 0


def test_a_clock_set_back_locks_nobody_out(tmp_path: Path) -> None:
    _counters(tmp_path, 5_000_000.0).hit("one", 60, 100)

    assert _counters(tmp_path, 1000.0).hit("one", 60) == (1, 1020)


def test_the_file_holds_no_key_in_clear_and_belongs_to_us_alone(tmp_path: Path) -> None:
    _counters(tmp_path).hit("198.51.100.0/24", 60)
    file = tmp_path / "limits.mmap"

    assert b"198.51" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size == SIZE
    assert file.stat().st_blocks * 512 >= SIZE, "a hole could kill a worker on a full disk"


def test_a_damaged_file_only_forgets(tmp_path: Path) -> None:
    (tmp_path / "limits.mmap").write_bytes(os.urandom(SIZE // 2))

    counters = _counters(tmp_path)
    assert counters.check()
    assert counters.hit("one", 60)[0] == 1


@given(keys=st.lists(st.text("abc", max_size=3), max_size=60))
def test_it_counts_as_a_dictionary_does(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str]
) -> None:
    counters = _counters(tmp_path_factory.mktemp("counters"))
    expected: dict[str, int] = {}
    for key in keys:
        expected[key] = expected.get(key, 0) + 1
        assert counters.hit(key, 60)[0] == expected[key]
    for key, count in expected.items():
        assert counters.get(key) == count
        assert counters.get_expiry(key) == 1020.0
        counters.clear(key)
        assert counters.get(key) == 0


def test_a_crowd_of_callers_pushes_out_the_quietest_first(tmp_path: Path) -> None:
    counters = _counters(tmp_path)
    counters.hit("busy", 60, 1000)
    for number in range(120_000):
        counters.hit(f"crowd {number}", 60)

    assert counters.get("busy") == 1000


def test_everything_can_be_forgotten(tmp_path: Path) -> None:
    counters = _counters(tmp_path)
    counters.hit("one", 60)
    counters.reset()

    assert counters.get("one") == 0
    assert counters.get_expiry("one") == 1000.0


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("198.51.100.7", "198.51.100.0/24"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"), ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"), ("unix:", "unknown"), ("198.51.100.7, 1.1.1.1", "unknown"),
    ],
)  # fmt: skip
def test_a_caller_is_known_by_network_only(address: str, prefix: str) -> None:
    assert network(address) == prefix
