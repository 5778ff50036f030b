"""Who is known cannot be read from a form's answer, nor from how long it takes (test 45)."""

from __future__ import annotations

import random
import statistics
from time import thread_time_ns
from typing import TYPE_CHECKING

import pytest

from tests.newsletters.signup_world import Desk
from tests.support.figures import figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

    from tests.support.house import House

# Beyond it two means differ; TVLA's threshold.
THRESHOLD = 4.5
ROUNDS = figure(120, 20_000)
KINDS = ("unknown", "known", "suppressed", "erased")


@pytest.fixture
def desk(app: Flask, house: House) -> Desk:
    """Give a house that knows somebody, has suppressed somebody and erased somebody."""
    for name in ("known", "suppressed", "erased"):
        house.tell({"email": f"{name}@people.example"})
    whom = {"subject": {"email": "suppressed@people.example"}, "scope": "marketing"}
    assert house.post("/v1/suppressions", whom).status_code == 201
    gone = {"subject": {"email": "erased@people.example"}, "reason": "asked"}
    assert house.post("/v1/subjects/erase", gone).status_code == 200
    return Desk(app, house)


def test_security_45_every_address_gets_the_same_bytes_in_the_same_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent_server.newsletters.signup.ask.limit", lambda *_: None)
    took: dict[str, list[int]] = {kind: [] for kind in KINDS}
    answers = set()
    # Whichever comes first would pay for what is made once.
    for kind in KINDS * 5:
        desk.send(desk.body(f"{kind}@people.example"))
    for _ in range(ROUNDS):
        for kind in random.sample(KINDS, len(KINDS)):
            body = desk.body(f"{kind}@people.example")
            begun = thread_time_ns()
            answer = desk.send(body)
            took[kind].append(thread_time_ns() - begun)
            headers = {k: v for k, v in answer.headers if k != "X-Request-Id"}
            answers.add((answer.status_code, answer.get_data(), repr(sorted(headers.items()))))
    assert len(answers) == 1
    for kind in KINDS[1:]:
        assert abs(welch(_without_outliers(took["unknown"]), _without_outliers(took[kind]))) < (
            THRESHOLD
        )


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Welch's t of two samples."""
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return float((statistics.fmean(one) - statistics.fmean(other)) / spread**0.5)


def _without_outliers(sample: Sequence[int]) -> list[int]:
    # A collection of garbage hits whoever comes by: a difference would be in the middle.
    return sorted(sample)[: len(sample) * 9 // 10]


def test_the_measure_would_see_a_difference_of_a_tenth() -> None:
    chance = random.Random(7)
    one = [chance.gauss(1000, 100) for _ in range(ROUNDS)]
    assert abs(welch(one, [each * 1.1 for each in one])) > THRESHOLD
