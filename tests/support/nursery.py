"""A process that has read the program once and forks it for each `consent` a test starts.

Most of what a command takes is the reading of its modules: a second of processor time for each
of a thousand processes. What is forked here is a process like any other: its own session,
environment and output, killed and waited for as usual. Only the reading is shared.

This module is both ends: imported by the tests, and run by `python -m` as that process.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final, NoReturn

from consent_server.cli import commands, main

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).parents[2]
# Linux has what it takes; and whoever measures coverage does so from a process's first line.
HERE: Final = hasattr(os, "pidfd_open") and not any(
    name.startswith("COVERAGE_") for name in os.environ
)
CONSENT: Final = Path(sys.executable).with_name("consent")
_LONGEST = 1 << 17
_NUMBER = struct.Struct("!i")
_STANDARD = 3


class Forked:
    """A `consent …` under way; as much of `subprocess.Popen` as the tests use."""

    def __init__(self, number: int, said: int) -> None:
        self.pid = number
        self._said = said
        self._status: int | None = None

    def poll(self) -> int | None:
        """Give its exit status if it has ended."""
        return self._read(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; gives its exit status, negative for a signal."""
        status = self._read(timeout)
        if status is None:
            raise subprocess.TimeoutExpired("consent", timeout or 0)
        return status

    def __del__(self) -> None:
        os.close(self._said)

    def _read(self, within: float | None) -> int | None:
        if self._status is None:
            with selectors.DefaultSelector() as ready:
                ready.register(self._said, selectors.EVENT_READ)
                if ready.select(within):
                    self._status = _number(self._said)
        return self._status


@dataclass(frozen=True)
class Files:
    """What a process reads and writes, as numbers of open files."""

    stdin: int
    stdout: int
    stderr: int


def start(
    words: Sequence[str | Path],
    environment: Mapping[str, str],
    files: Files,
    *,
    forked: bool = True,
) -> Forked | subprocess.Popen[bytes]:
    """Start `consent …` in a session of its own: forked where that can be and is wanted."""
    if HERE and forked:
        return _fork(words, environment, files)
    return subprocess.Popen(
        [CONSENT, *words],
        env={**environment},
        stdin=files.stdin,
        stdout=files.stdout,
        stderr=files.stderr,
        start_new_session=True,
    )


def run(
    words: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    stdin: str = "",
    within: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run `consent …` to its end; gives its status and what it printed."""
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as wrong:
        given.write(stdin.encode())
        given.seek(0)
        process = start(words, environment, Files(given.fileno(), out.fileno(), wrong.fileno()))
        try:
            status = process.wait(within)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        out.seek(0)
        wrong.seek(0)
        return subprocess.CompletedProcess(
            [*words], status, out.read().decode(), wrong.read().decode()
        )


def _fork(words: Sequence[str | Path], environment: Mapping[str, str], files: Files) -> Forked:
    said, saying = os.pipe()
    told = {
        "words": [str(word) for word in words],
        "environment": {**environment},
        "where": str(Path.cwd()),
    }
    # The numbers of the open files travel beside the message; each message arrives whole.
    socket.send_fds(_nursery()[0], [json.dumps(told).encode()], [*astuple(files), saying])
    os.close(saying)
    return Forked(_number(said), said)


def _number(pipe: int) -> int:
    read = os.read(pipe, _NUMBER.size)
    if len(read) < _NUMBER.size:
        raise RuntimeError("the process that forks has ended")
    number: int = _NUMBER.unpack(read)[0]
    return number


@cache
def _nursery() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery", str(theirs.fileno())],
            cwd=ROOT,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    atexit.register(_close, ours, process)
    return ours, process


def _close(ours: socket.socket, process: subprocess.Popen[bytes]) -> None:
    ours.close()
    process.wait()


class _Nursery:
    """The process that forks: it hears what to start, and tells how each ended."""

    def __init__(self, heard: socket.socket) -> None:
        self._heard = heard
        self._ready = selectors.DefaultSelector()
        self._ready.register(heard, selectors.EVENT_READ)

    def child(self) -> list[str]:
        """Fork for every message; returns in each child only, with the words it is to run."""
        while True:
            for key, _ in self._ready.select():
                if key.data is not None:
                    self._bury(key.fd, *key.data)
                elif (words := self._bear()) is not None:
                    return words

    def _bear(self) -> list[str] | None:
        message, files, *_ = socket.recv_fds(self._heard, _LONGEST, _STANDARD + 1)
        if not message:
            self._end()
        number = os.fork()
        if number == 0:
            # By whoever holds their numbers: else the collector, later on, would close
            # whatever file of the child has been given one of them.
            self._ready.close()
            self._heard.close()
            return _become(json.loads(message), files[:_STANDARD], files[_STANDARD])
        for each in files[:_STANDARD]:
            os.close(each)
        # Not a signal's handler: that would be the child's too.
        self._ready.register(
            os.pidfd_open(number), selectors.EVENT_READ, (number, files[_STANDARD])
        )
        return None

    def _bury(self, ended: int, number: int, saying: int) -> None:
        self._ready.unregister(ended)
        status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        with suppress(BrokenPipeError):  # nobody waits for it any more
            os.write(saying, _NUMBER.pack(status))
        os.close(saying)
        os.close(ended)

    def _end(self) -> NoReturn:
        """Leave nothing running: the tests have ended, or were killed."""
        for key in self._ready.get_map().values():
            if key.data is not None:
                with suppress(ProcessLookupError):
                    os.killpg(key.data[0], signal.SIGKILL)
        os._exit(0)


def _become(told: dict[str, object], files: list[int], saying: int) -> list[str]:
    """Be a process that was just started with these words, environment and open files."""
    os.setsid()
    # Said by the child, once it leads its group: a kill of the group would find none before.
    os.write(saying, _NUMBER.pack(os.getpid()))
    for place, file in enumerate(files):
        os.dup2(file, place)
    os.closerange(_STANDARD, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(told["environment"])  # type: ignore[call-overload] # as we were told
    time.tzset()
    os.chdir(str(told["where"]))
    sys.argv = [str(CONSENT), *told["words"]]  # type: ignore[misc] # as we were told
    return sys.argv[1:]


def _read_the_program() -> None:
    context = commands.make_context("consent", ["--help"], resilient_parsing=True)
    for word in commands.list_commands(context):
        commands.get_command(context, word)
    gc.collect()
    gc.freeze()  # so that no child's collector writes on what all of them share


if __name__ == "__main__":
    _read_the_program()
    main(_Nursery(socket.socket(fileno=int(sys.argv[1]))).child())
