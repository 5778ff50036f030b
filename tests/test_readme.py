"""The README tells the truth: every command it shows is run, every link leads somewhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
# The first run loads a year of decisions.
READY_WITHIN = 100.0
STOPPED_WITHIN = 20.0


def blocks(text: str, language: str) -> list[str]:
    """Give the fenced blocks of a language, without the indentation of a list they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def commands() -> list[str]:
    """Give every command the README shows, without its remark."""
    lines = [line for block in blocks(README, "sh") for line in block.splitlines()]
    return [line.partition("  #")[0].rstrip() for line in lines if line.strip()]


def walk() -> list[str]:
    return [command for command in commands() if not command.startswith("make ")]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


# A reader's terminal has none of these: `make test` itself speaks through the last two.
_NOT_A_READER_S = ("CONSENT", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


class Running:
    """What `make run` started, in a session of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(_NOT_A_READER_S)
            },
            "PORT": str(self.port),
            "CONSENT_DATA": str(folder / "var"),
            "CONSENT_REPLAYS": "off",
        }
        self.log = folder / "run.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).is_success:
                    return
            time.sleep(0.2)
        raise AssertionError(f"make run is not ready: {self.said()}")

    def wait_until_said(self, words: str) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while words not in self.said():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run one line as a reader pastes it, in a folder that looks like the clone."""
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def left(self) -> bool:
        """Tell whether any process of the session still lives."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def press_ctrl_c(self) -> None:
        # A terminal sends it to the whole group, make and all children included.
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(STOPPED_WITHIN)
        deadline = time.monotonic() + STOPPED_WITHIN
        while self.left() and time.monotonic() < deadline:
            time.sleep(0.05)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def make_run(folder: Path) -> Iterator[Running]:
    # What a command of the walk writes lies here; what it reads is the clone's own.
    for name in (".venv", "docs"):
        (folder / name).symlink_to(ROOT / name)
    running = Running(folder)
    try:
        yield running
    finally:
        running.kill()


def test_the_readme_shows_two_commands_to_begin_with() -> None:
    assert commands()[:2] == ["make run", "make test"]
    assert {"run", "test"} <= targets()


@pytest.mark.timeout(240)
def test_every_command_of_the_walk_works_while_make_run_serves(tmp_path: Path) -> None:
    with make_run(tmp_path) as running:
        running.wait_until_ready()
        running.wait_until_said("Ctrl-C stops everything")
        # Whom the README asks about is whom the demonstration proposes.
        assert walk()[0].removeprefix(".venv/bin/consent") in running.said()

        answers = [running.shell(command) for command in walk()]
        assert [(each.args[-1], each.stderr) for each in answers if each.returncode] == []
        yes, never_asked, *_, verified = (each.stdout for each in answers)
        assert yes.startswith("Yes: ")
        assert never_asked.startswith("No: ")
        assert verified.startswith("The proof holds.")
        assert "adele.alisier@actuariat-nord.example" in verified

        proof = tmp_path / "var" / "proof.json"
        by_hand = running.shell(f"{sys.executable} {root_by_hand(tmp_path)} {proof}")
        assert by_hand.stdout == "same root\n", by_hand.stderr
        proof.write_text(proof.read_text().replace("granted", "grantee"))
        refused = running.shell(walk()[-1])
        assert refused.returncode == 1
        assert refused.stdout.startswith("The proof does not hold.")

        running.press_ctrl_c()
        # make itself says that it was interrupted; what it ran ended in good order.
        assert running.process.returncode in {0, -signal.SIGINT}, running.said()
        assert running.said().rstrip().endswith("Stopping."), running.said()
        assert not running.left()


def root_by_hand(folder: Path) -> Path:
    """Write the lines that docs/proof.md shows into a file; gives its path."""
    (lines,) = blocks((ROOT / "docs" / "proof.md").read_text("utf-8"), "python")
    program = folder / "root.py"
    program.write_text(lines)
    return program


def anchors(page: Path) -> set[str]:
    """Name the headings of a page as a link's fragment names them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in target:
            continue
        path, _, fragment = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name} links to {target}"
        if fragment:
            assert fragment in anchors(found), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`make ([a-z]+)", page.read_text("utf-8"))
    assert set(named) <= targets()
