"""`consent demo run`: everything starts, is watched, and stops together."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.nursery import CONSENT
from tests.support.server import Process, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

# A year is made and three programs start, beside whatever else this machine does.
pytestmark = pytest.mark.timeout(300)


class Running:
    """A demonstration without people, in a folder and on ports of its own."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.data = data
        environment = {
            "PATH": os.defpath,
            "LC_ALL": "C.UTF-8",
            "CONSENT_DATA": str(data),
            "CONSENT_REPLAYS": "off",
            "PORT": str(self.port),
        }
        log = data.with_suffix(".log")
        self.process = Process("demo", "run", "--people", "2", environment=environment, log=log)

    @property
    def said(self) -> str:
        return self.process.last_words()

    def wait_for(self, words: str, within: float = 200) -> str:
        deadline = time.monotonic() + within
        while words not in self.said:
            assert self.process.running(), self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return self.said

    def wait_until_ended(self, within: float = 60) -> None:
        deadline = time.monotonic() + within
        while self.process.running():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def children(self) -> dict[str, int]:
        """Find the processes it has started, by the word they run."""
        found = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = int(path.read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid:
                    words = (path.parent / "cmdline").read_text().split("\0")
                    found[words[-2]] = int(path.parent.name)
        return found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give one that is only looked at."""
    yield from _started(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Give one that may be stopped."""
    yield from _started(tmp_path)


def _started(folder: Path) -> Iterator[Running]:
    made = Running(folder / "data")
    try:
        made.wait_for("Ctrl-C stops everything")
        yield made
    finally:
        made.process.kill()


def test_every_address_that_it_prints_answers(shared: Running) -> None:
    found = re.findall(r"^  \S.*? +(http\S+)$", shared.said, re.MULTILINE)
    assert len(found) == 8
    for address in found:
        # A browser finds *.localhost by itself; this machine's resolver may not.
        plain = re.sub(r"//\w+\.localhost:", "//127.0.0.1:", address)
        assert httpx.get(plain, trust_env=False).status_code == 200, address


def test_no_key_and_no_address_of_a_person_but_the_example_is_printed(
    shared: Running,
) -> None:
    demo = json.loads((shared.data / "demo.json").read_text("utf-8"))
    for each in demo["organisations"]:
        assert each["api_key"] not in shared.said
    assert len(set(re.findall(r"\S+@\S+", shared.said))) == 1


def test_the_question_that_it_prints_can_be_asked(shared: Running) -> None:
    (line,) = re.findall(r"^  (.* lookup .*)$", shared.said, re.MULTILINE)
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "consent" in done.stdout


def test_it_stops_everything_within_seconds(running: Running) -> None:
    children = running.children()
    assert set(children) == {"serve", "worker", "sites"}
    began = time.monotonic()
    assert running.process.stop() == 0
    assert time.monotonic() - began < 30
    assert not any(_alive(number) for number in children.values())


@pytest.mark.parametrize(("word", "name"), [("worker", "worker"), ("sites", "websites")])
def test_when_one_process_dies_all_stop_and_it_says_which(
    running: Running, word: str, name: str
) -> None:
    children = running.children()
    os.kill(children[word], signal.SIGKILL)
    running.wait_until_ended()
    assert f"the {name} ended by itself" in running.said
    assert not any(_alive(number) for number in children.values())


def test_when_it_is_killed_nobody_is_left_behind(running: Running) -> None:
    children = running.children()
    os.kill(running.process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while any(_alive(number) for number in children.values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_taken_port_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    first = free_port()
    environment = {
        "PATH": os.defpath,
        "CONSENT_DATA": str(tmp_path / "data"),
        "CONSENT_REPLAYS": "off",
        "PORT": str(first),
    }
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 2))
        taken.listen()
        done = subprocess.run(
            [CONSENT, "demo", "run"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 78
    assert f"port {first + 2} (a website)" in done.stderr
    assert not (tmp_path / "data").exists()


def _alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    # Whoever inherits an orphan may be slow to bury it.
    return state not in {"Z", "X"}
