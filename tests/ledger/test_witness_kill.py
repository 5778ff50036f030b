"""Kill -9 of a witness, again and again: it never cosigns two histories."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consent_server.db import db
from consent_server.ledger.witness.asked import write_asked
from consent_server.ledger.witness.cosign import Elsewhere, NotContinued, Witness
from consent_server.web import current
from tests.ledger.test_witness import LOG, ORIGIN, OTHER

if TYPE_CHECKING:
    from flask import Flask

# security.md, test 116, asks for a thousand: run so when CONSENT_TEST_WHOLE is set.
KILLS = 1000 if os.environ.get("CONSENT_TEST_WHOLE") else 8
HISTORIES = ("b", "c")


@pytest.mark.timeout(3600 if KILLS > 10 else 120)
def test_116_killed_in_the_middle_a_witness_never_cosigns_two_histories(app: Flask) -> None:
    app.extensions["consent.settings"] = replace(
        current.settings(), witness_logs=(OTHER.key.vkey,)
    )
    witness = Witness.of(current.settings(), current.keyring())
    witness.cosign(write_asked(LOG.asked(0, 5)), current.now())
    cosigned: list[tuple[str, int]] = []
    for _ in range(KILLS):
        before = witness.seen(ORIGIN).size
        cosigned += _asked_until_killed(app)
        sizes = [size for _, size in cosigned]
        # What was answered was remembered first.
        assert witness.seen(ORIGIN).size >= max(sizes, default=before)
    assert cosigned
    assert len({history for history, _ in cosigned}) == 1


def _asked_until_killed(app: Flask) -> list[tuple[str, int]]:
    """Let a child for each history ask until both are killed; gives what was cosigned."""
    # No connection may be shared with a child.
    db.engine.dispose()
    children: list[tuple[int, int]] = []
    try:
        children.extend(_child(app, history) for history in HISTORIES)
        # Until one of them has been answered, and some moments more.
        select.select([pipe for _, pipe in children], [], [], 60)
        time.sleep(random.uniform(0, 0.1))
    finally:
        for child, _ in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    said = []
    for (_, pipe), history in zip(children, HISTORIES, strict=True):
        with os.fdopen(pipe) as lines:
            said += [(history, int(line)) for line in lines if line.endswith("\n")]
    return said


def _child(app: Flask, history: str) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        _ask_for_ever(app, history, writing)
    finally:
        os._exit(1)


def _ask_for_ever(app: Flask, history: str, writing: int) -> None:
    with app.app_context():
        witness = Witness.of(current.settings(), current.keyring())
        while True:
            old = witness.seen(ORIGIN).size
            try:
                witness.cosign(write_asked(LOG.asked(old, old + 1, history)), current.now())
            except (Elsewhere, NotContinued):
                continue
            os.write(writing, f"{old + 1}\n".encode())
