"""The worker: a fault in one of its parts is heard, and the database is waited for."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click
import pytest

from consent_server.beside import Beside
from consent_server.db import TROUBLE
from consent_server.permissions.bulk.briefs import follow
from consent_server.worker import Worker

if TYPE_CHECKING:
    from flask import Flask


def test_a_fault_in_one_part_ends_the_worker_so_that_it_is_started_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def carry_on(*_: object) -> bool:
        raise KeyError("somebody@people.example")

    monkeypatch.setattr(follow, "carry_on", carry_on)
    with pytest.raises(click.ClickException, match="A part of the worker failed: briefs"):
        Worker(app).run()
    said = "".join(capfd.readouterr())
    assert '"kind": "briefs"' in said
    assert "KeyError" in said
    assert "somebody@" not in said


def test_a_database_that_does_not_answer_ends_nothing(app: Flask) -> None:
    stopping = threading.Event()
    passes: list[int] = []

    def once() -> None:
        passes.append(len(passes))
        if len(passes) == 3:
            stopping.set()
        raise TROUBLE[0]("", None, Exception())

    beside = Beside(app, stopping)
    beside.begin("some part", 0.001, lambda: nullcontext(once))
    beside.join(20)
    assert passes == [0, 1, 2]
    assert beside.failed == ""


def test_what_has_more_to_do_goes_on_at_once_and_what_has_nothing_to_do_ends(
    app: Flask,
) -> None:
    stopping, left = threading.Event(), [True, True, False]

    def once() -> bool:
        more = left.pop(0)
        if not left:
            stopping.set()
        return more

    beside = Beside(app, stopping)
    # Nobody would wait an hour for the second pass.
    beside.begin("busy", 3600, lambda: nullcontext(once))
    beside.begin("idle", 3600, lambda: nullcontext(None))
    beside.join(20)
    assert left == []
    assert beside.failed == ""
