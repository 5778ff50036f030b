"""The host: a process beside the workers that forks one for each list, so that no list is
answered where single questions are.

Threads of one process take turns at the interpreter: a list that computes for seconds makes
each question beside it wait at every step. And the process of a list is nice: on a machine
that is full it takes what others leave. The host is forked before anything is asked or
connected; it ends when nobody is left who could ask.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import structlog

from ... import ledger
from ...organisations import keys_of
from ...web import current
from . import frames
from .order import Deployment
from .run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from .order import Order

NAME: Final = "consent.lists"
# What a list leaves to everybody else when there is not enough for all.
_NICE: Final = 10
_IGNORED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD)
_log: Final = structlog.get_logger()


class Asked(NamedTuple):
    """What the process of a list is told."""

    order: Order
    organisation: int
    actor: str
    number: int
    duplex: bool


def begin(app: Flask) -> None:
    """Fork the host; by a process that has no threads, before it serves."""
    mine, its = socket.socketpair()
    if os.fork() == 0:
        mine.close()
        try:
            _host(app, its)
        finally:
            os._exit(0)
    its.close()
    app.extensions[NAME] = mine


def line_to(app: Flask) -> frames.Line | None:
    """Have a process forked for one list; None if there is no host."""
    door: socket.socket | None = app.extensions.get(NAME)
    if door is None:
        return None
    mine, its = socket.socketpair()
    with its:
        try:
            socket.send_fds(door, [b"."], [its.fileno()])
        except OSError:
            # Somebody killed it: lists are answered, only not as well.
            _log.warning("the host of lists is gone")
            mine.close()
            return None
    return frames.Line(mine)


def _host(app: Flask, door: socket.socket) -> None:
    for each in _IGNORED:
        # Whoever asks is told to stop, and ends what is under way; children are nobody's.
        signal.signal(each, signal.SIG_IGN)
    while True:
        told, handed, _, _ = socket.recv_fds(door, 1, 1)
        if not told:
            return
        for number in handed:
            if os.fork() == 0:
                door.close()
                _one(app, frames.Line(socket.socket(fileno=number)))
                return
            os.close(number)


def _one(app: Flask, line: frames.Line) -> None:
    os.nice(_NICE)
    try:
        with app.app_context():
            _answer(line)
    except frames.Gone:
        # Whoever asked has gone, and nobody is told that it was answered.
        _log.debug("a list was let go")


def _answer(line: frames.Line) -> None:
    _, told = line.hear()
    asked = Asked(*pickle.loads(told))  # noqa: S301 - from our own process
    try:
        run = Run(asked.order, _here(asked), asked.number)
    except Exception as error:  # noqa: BLE001 - told where it was asked
        line.say(frames.REFUSED, _told(error))
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
        line.say(frames.REFUSED, _told(error))
    finally:
        run.close()


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


def _told(error: Exception) -> bytes:
    try:
        return pickle.dumps(error)
    except (pickle.PicklingError, TypeError, AttributeError):
        return pickle.dumps(RuntimeError(type(error).__name__))


def raised(told: bytes) -> Exception:
    """Give what a list was refused with, to be raised where it was asked."""
    error: Any = pickle.loads(told)  # noqa: S301 - from our own process
    assert isinstance(error, Exception)  # noqa: S101 - see `_told`
    return error
