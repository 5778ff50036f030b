"""A deployment of the tests' own: a real server and a real worker, which may be killed."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import httpx

from consent_server.config import Settings
from consent_server.keyring import Keyring
from tests.support import nursery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.databases import Database

# Below the range from which the kernel takes the near ends of outgoing connections.
LOWEST_PORT, HIGHEST_PORT = 20_000, 32_000
DEMO_SITES = 2
_STEP = 4
_ours: set[int] = set()


class DidNotStartError(RuntimeError):
    """A process ended, or was not ready in time; carries the end of its log."""


def free_port() -> int:
    """Find a port that is free, with the next ones free too, for the demonstration sites.

    No other test is given it as long as this process lives: whoever asks listens later, and
    stops and starts again on the same one.
    """
    for _ in range(200):
        first = LOWEST_PORT + _STEP * secrets.randbelow((HIGHEST_PORT - LOWEST_PORT) // _STEP)
        if not _taken(first):
            continue
        if all(_is_free(first + step) for step in range(1 + DEMO_SITES)):
            return first
    raise DidNotStartError("no free port was found")


@cache
def _book() -> IO[bytes]:
    path = Path(tempfile.gettempdir()) / f"consent-tests-ports-{os.getuid()}"
    return path.open("ab")


def _taken(port: int) -> bool:
    """Take a port before any other process of tests does; the kernel gives it back."""
    if port in _ours:
        return False
    try:
        fcntl.lockf(_book(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _ours.add(port)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Process:
    """One program in a process group of its own, with its output in a file."""

    def __init__(
        self, *words: str, environment: Mapping[str, str], log: Path, forked: bool = True
    ) -> None:
        self.log = log
        self._over = False
        with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
            number = output.fileno()
            files = nursery.Files(stdin=nothing.fileno(), stdout=number, stderr=number)
            self._popen = nursery.start(words, environment, files, forked=forked)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def running(self) -> bool:
        return self._popen.poll() is None

    def kill(self) -> None:
        """Kill -9 the whole group: no handler runs, nothing is flushed."""
        # Never later than its end: the kernel gives its number to somebody else's.
        if not self._over:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._popen.wait()
            self._over = True

    def stop(self, within: float = 60) -> int:
        """Ask it to stop, as an operator does; gives its exit status."""
        if self.running():
            os.kill(self.pid, signal.SIGTERM)
        try:
            status = self._popen.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise DidNotStartError(f"did not stop in {within} s: {self.last_words()}") from None
        self._over = True
        return status

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


class Deployment:
    """A server and a worker on one database, one folder and one free port."""

    # Whether its processes are spared the reading of the program.
    forked = True

    def __init__(self, database: Database, data: Path, **more: str) -> None:
        self.data = data
        self.port = free_port()
        self.environment = {
            "PATH": os.defpath,
            "LC_ALL": "C.UTF-8",
            **{name: os.environ[name] for name in _COVERAGE if name in os.environ},
            **database.environment(data),
            "PORT": str(self.port),
            # A browser's time for each banner: tests of just that ask for it.
            "CONSENT_REPLAYS": "off",
            **more,
        }
        self.server: Process | None = None
        self.worker: Process | None = None
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        Keyring.create(self.settings.keys)

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environment)

    @property
    def base_url(self) -> str:
        return self.settings.base_url

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        """Start both and wait until they answer; gives itself back."""
        self.start_server()
        self.start_worker()
        self.wait_until_ready()
        return self

    def start_server(self) -> Process:
        self.server = self._start("serve")
        return self.server

    def start_worker(self) -> Process:
        self.worker = self._start("worker")
        return self.worker

    def run(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one `consent` command to its end, in this deployment."""
        return nursery.run(words, self.environment, stdin=stdin or "")

    def wait_until_ready(self, within: float = 60) -> None:
        """Wait for `/readyz`; fails at once when a process has ended."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self._refuse_the_dead()
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.base_url}/readyz", timeout=5).is_success:
                    return
            time.sleep(0.05)
        raise DidNotStartError(f"not ready in {within} s:\n{self.last_words()}")

    def kill(self) -> None:
        """Kill -9 both, in the middle of whatever they do."""
        for process in self._processes():
            process.kill()

    def stop(self) -> dict[str, int]:
        """Stop both as an operator does; gives their exit statuses by the word they run."""
        return {process.log.stem: process.stop() for process in self._processes()}

    def last_words(self) -> str:
        return "\n".join(process.last_words() for process in self._processes())

    def _start(self, word: str) -> Process:
        log = self.data / f"{word}.log"
        return Process(word, environment=self.environment, log=log, forked=self.forked)

    def _processes(self) -> list[Process]:
        return [process for process in (self.server, self.worker) if process is not None]

    def _refuse_the_dead(self) -> None:
        for process in self._processes():
            if not process.running():
                raise DidNotStartError(f"{process.log.stem} ended:\n{process.last_words()}")


# What `make coverage` tells the programs that it measures.
_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_RCFILE")
