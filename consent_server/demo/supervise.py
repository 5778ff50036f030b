"""The demonstration's processes: started together, watched, stopped together."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from ..problems import RefusedToStart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

_STARTS_WITHIN: Final = 60.0
_STOPS_WITHIN: Final = 8.0
_GLANCE: Final = 0.1
_PR_SET_PDEATHSIG: Final = 1


class ChildDied(RefusedToStart):
    """One of the processes ended by itself; the others have been stopped."""


def refuse_busy(ports: Mapping[int, str], host: str) -> None:
    """Refuse to begin when a port is taken, before anything is loaded."""
    busy = [f"{port} ({what})" for port, what in ports.items() if not _free(host, port)]
    if busy:
        raise RefusedToStart(
            f"somebody listens already on port {', '.join(busy)}; three ports in a row are"
            " needed: choose the first, such as PORT=8100"
        )


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


class Children:
    """Processes that live and end together."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = threading.Event()

    def start(self, name: str, *words: str) -> None:
        """Start `consent …` under a name of our own for it."""
        # In a group of its own: Ctrl-C in a terminal reaches every process of a group, and
        # a server told twice at once to stop, by the terminal and by us, can stop halfway.
        self._running[name] = subprocess.Popen(  # noqa: S603 - our own program
            [_program(), *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=_end_with_parent,
        )

    def refuse_dead(self) -> None:
        """Raise `ChildDied` if any process has ended by itself."""
        for name, process in self._running.items():
            status = process.poll()
            if status is not None and not self.stopping.is_set():
                raise ChildDied(f"the {name} ended by itself (exit status {status})")

    def wait_until_ready(self, url: str) -> None:
        """Wait until an address answers well."""
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self.stopping.wait(_GLANCE / 2):
            self.refuse_dead()
            if _answers(url):
                return
            if time.monotonic() > deadline:
                raise RefusedToStart(f"{url} did not answer in {_STARTS_WITHIN:.0f} s")

    def watch(self) -> None:
        """Watch until told to stop; raises `ChildDied` if any process ends by itself."""
        while not self.stopping.wait(_GLANCE):
            self.refuse_dead()

    def stop(self) -> None:
        """Ask every process to stop, and end those that do not within a few seconds."""
        self.stopping.set()
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + _STOPS_WITHIN
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Its own children too: a server's workers would outlive it.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def together(environment: Mapping[str, str]) -> Iterator[Children]:
    """Give processes that are all stopped at the end, whatever ends it."""
    children = Children(environment)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        children.stopping.set()

    before: Sequence[tuple[signal.Signals, object]] = [
        (name, signal.signal(name, stop)) for name in (signal.SIGINT, signal.SIGTERM)
    ]
    try:
        yield children
    finally:
        children.stop()
        for name, handler in before:
            signal.signal(name, handler)  # type: ignore[arg-type] # as it was given to us


def _end_with_parent() -> None:
    """Have the kernel stop a child whose parent was killed; where it can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _program() -> str:
    """Find the `consent` that belongs to this Python."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("consent", path=beside) or shutil.which("consent")
    if found is None:
        raise RefusedToStart("the program `consent` is not installed beside this Python")
    return found
