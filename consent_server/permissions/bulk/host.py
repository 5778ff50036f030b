"""The host: a process beside the workers that forks one for each list, so that no list is
answered where single questions are.

Threads of one process take turns at the interpreter: a list that computes for seconds makes
each question beside it wait at every step. And the process of a list is nice: on a machine
that is full it takes what others leave. The master forks the host when a list is asked and
there is none: who asks no lists pays for no process of them, and one that was killed comes
back. It ends when nobody is left who could ask.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import structlog

from ... import ledger
from ...db import db
from ...organisations import keys_of
from ...web import current
from . import frames
from .columns import load
from .hands import Hands, processors
from .order import Deployment
from .run import Run
from .turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from .hands import Work
    from .order import Order

NAME: Final = "consent.lists"
# What a list leaves to everybody else when there is not enough for all.
_NICE: Final = 10
# By which a worker asks the master for a host.
_WANTED: Final = signal.SIGRTMIN + 1
_IGNORED: Final = (
    signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, _WANTED,
)  # fmt: skip
# In seconds: a host that was killed with a list in its hands answers nothing any more.
_PATIENCE: Final = Struct("ll").pack(120, 0)
# In milliseconds, and how often: whether there is a host is asked again for half of that.
_AGAIN: Final = 1_000
_TIMES: Final = 60
_FILES: Final = Path("/proc/self/fd")
_log: Final = structlog.get_logger()


class Asked(NamedTuple):
    """What the process of a list is told."""

    order: Order
    organisation: int
    actor: str
    number: int
    duplex: bool


def begin(app: Flask) -> None:
    """Be ready to fork the host; in the master, which has no threads, before it has workers."""
    mine, its = socket.socketpair()
    master, host = os.getpid(), 0
    app.extensions[NAME] = mine, master

    def wanted(*_: object) -> None:
        nonlocal host
        if os.getpid() != master or (host and _lives(host)):
            return
        host = os.fork()
        if host == 0:
            mine.close()
            try:
                _leave_the_port()
                _host(app, its)
            finally:
                os._exit(0)

    signal.signal(_WANTED, wanted)


def _lives(child: int) -> bool:
    try:
        return os.waitpid(child, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def _leave_the_port() -> None:
    """Close what the master listens on: its port is free again once it has ended."""
    for name in os.listdir(_FILES) if _FILES.exists() else ():
        with suppress(OSError):
            end = socket.socket(fileno=os.dup(int(name)))
            with end:
                if end.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    os.close(int(name))


def line_to(app: Flask) -> frames.Line | None:
    """Have a process forked for one list; None if there is no host."""
    known: tuple[socket.socket, int] | None = app.extensions.get(NAME)
    if known is None:
        return None
    door, master = known
    mine, its = socket.socketpair()
    # Not `settimeout`, under which what is heard comes in ten pieces, each a call.
    for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        mine.setsockopt(socket.SOL_SOCKET, way, _PATIENCE)
    with its:
        try:
            socket.send_fds(door, [b"."], [its.fileno()])
            os.kill(master, _WANTED)
        except OSError:
            # No way there: lists are answered, only not as well.
            _log.warning("there is no host of lists")
            mine.close()
            return None
    return _Call(mine, master)


class _Call(frames.Line):
    """A line to a process that has to be forked yet, by a host that may just be dying.

    One that was killed lives on for a moment, on a full machine for a long one, and whoever is
    handed over then waits for the next host: it is asked for again.
    """

    def __init__(self, end: socket.socket, master: int) -> None:
        super().__init__(end)
        self._master = master
        self._heard = False
        self._there = select.poll()
        self._there.register(end, select.POLLIN)

    def hear(self) -> tuple[bytes, bytes]:
        """Wait for the next frame; raises `Gone`."""
        asked = 0
        while not self._heard and asked < _TIMES and not self._there.poll(_AGAIN):
            with suppress(OSError):
                os.kill(self._master, _WANTED)
            asked += 1
        self._heard = True
        return super().hear()


def _host(app: Flask, door: socket.socket) -> None:
    for each in _IGNORED:
        # Whoever asks is told to stop, and ends what is under way; children are nobody's.
        signal.signal(each, signal.SIG_IGN)
    turns = Turns(processors())
    load()
    while True:
        told, handed, _, _ = socket.recv_fds(door, 1, 1)
        if not told:
            return
        for number in handed:
            if os.fork() == 0:
                door.close()
                _one(app, frames.Line(socket.socket(fileno=number)), turns)
                return
            os.close(number)


def _one(app: Flask, line: frames.Line, turns: Turns) -> None:
    os.nice(_NICE)
    try:
        with app.app_context():
            _answer(line, turns)
    except frames.Gone:
        # Whoever asked has gone, and nobody is told that it was answered.
        _log.debug("a list was let go")


def _answer(line: frames.Line, turns: Turns) -> None:
    _, told = line.hear()
    asked = Asked(*pickle.loads(told))  # noqa: S301 - from our own process
    try:
        run = Run(asked.order, _here(asked), asked.number, hands=_hands(line, turns))
    except Exception as error:  # noqa: BLE001 - told where it was asked
        line.say(frames.REFUSED, frames.told_of(error))
        return
    try:
        run.take(_question(line), duplex=asked.duplex)
        line.say(frames.TAKEN)
        line.hear()
        for block in run.answer():
            line.say(frames.BLOCK, block)
            # Not a batch further than the answer has come.
            line.hear()
        line.say(frames.DONE)
    except frames.Gone:
        raise
    except Exception as error:  # noqa: BLE001 - told where it was asked
        line.say(frames.REFUSED, frames.told_of(error))
    finally:
        run.close()


def _hands(line: frames.Line, turns: Turns) -> Callable[[Work], Hands] | None:
    """Tell how to fork a list's hands, one for each processor; None if it is alone."""

    def fork(work: Work) -> Hands:
        # A connection is never had by two processes.
        db.engine.dispose()
        return Hands(turns.count, partial(_in_turn, turns, work), leave=line.close)

    return fork if turns.count > 1 else None


def _in_turn(turns: Turns, work: Work, portion: Any) -> Any:
    with turns.taken(os.getpid()):
        return work(portion)


def _question(line: frames.Line) -> Iterator[bytes]:
    while True:
        line.say(frames.MORE)
        kind, block = line.hear()
        if kind == frames.QUESTION_ENDED:
            return
        yield block


def _here(asked: Asked) -> Deployment:
    settings = current.settings()
    return Deployment(
        data=settings.data,
        clock=current.clock(),
        keys=keys_of(asked.organisation),
        signer=ledger.LogSigner.of(settings, current.keyring()),
        actor=asked.actor,
    )
