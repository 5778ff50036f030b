"""Rounds: bare, same statements, ours; again and again, so that noise falls on all three."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.load import Answers, Request, ask_well
from bench.processes import cpu_seconds

if TYPE_CHECKING:
    from bench.stage import Stage

# What the first issue asks of each journey, as a share of the bare route's throughput.
TARGETS: Final = {"lookup": 0.45, "new visitor": 0.30, "returning visitor": 0.30}
OURS: Final = "consent server"
KINDS: Final = ("bare route", "same statements", OURS)
# Ours, asked by who never sends a head twice: nothing of it is known before (web/kept.py).
STRANGE: Final = "… other heads"
_WARM_SECONDS: Final = 0.4


@dataclass(frozen=True)
class Turn:
    """One kind of server, asked for some seconds."""

    per_second: float
    cpu: float
    database_cpu: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Compared:
    """One journey on one engine: the turns of each kind, by round."""

    journey: str
    turns: dict[str, list[Turn]]

    def figure(self, kind: str, name: str) -> float:
        """Give the median over the rounds."""
        return float(median(getattr(turn, name) for turn in self.turns[kind]))

    def throughput_ratio(self, kind: str, *, ours: str = OURS) -> float:
        """Compare our throughput with a kind's, round by round."""
        pairs = zip(self.turns[ours], self.turns[kind], strict=True)
        return median(one.per_second / other.per_second for one, other in pairs)

    def cpu_ratio(self, kind: str) -> float:
        """Compare a kind's processor time per request with ours, round by round."""
        pairs = zip(self.turns[OURS], self.turns[kind], strict=True)
        return median(other.cpu / ours.cpu for ours, other in pairs if ours.cpu)

    def as_json(self) -> dict[str, Any]:
        return {
            "target_of_bare": TARGETS[self.journey],
            "throughput": {kind: self.throughput_ratio(kind) for kind in KINDS[:2]},
            "cpu": {kind: self.cpu_ratio(kind) for kind in KINDS[:2]},
            "kinds": {
                kind: {
                    name: self.figure(kind, name)
                    for name in ("per_second", "cpu", "database_cpu", "p50_ms", "p99_ms")
                }
                for kind in self.turns
            },
        }


def compare(stage: Stage, journey: str, *, seconds: float, rounds: int) -> Compared:
    """Measure one journey."""
    ours = stage.requests[journey]
    where = {
        "bare route": (Request("/constant", {}), stage.bare_port, stage.bare_root),
        "same statements": (
            Request(f"/{journey.replace(' ', '-')}", {}), stage.bare_port, stage.bare_root
        ),
        OURS: (ours, stage.port, stage.root),
    }  # fmt: skip
    bare_with_our_body = {
        kind: (Request(request.path, ours.body, {}, ours.rows), port, root)
        for kind, (request, port, root) in where.items()
        if request is not ours
    }
    strange = (replace(ours, strange=True), stage.port, stage.root)
    every = {**bare_with_our_body, OURS: where[OURS], STRANGE: strange}
    for request, port, _ in every.values():
        ask_well(request, port, seconds=_WARM_SECONDS)
    turns: dict[str, list[Turn]] = {kind: [] for kind in every}
    for _ in range(rounds):
        for kind in every:
            turns[kind].append(_turn(*every[kind], stage.database_root, seconds))
    return Compared(journey, turns)


def _turn(
    request: Request, port: int, root: int, database_root: int | None, seconds: float
) -> Turn:
    before, database_before = cpu_seconds(root), _database(database_root)
    answers: Answers = ask_well(request, port, seconds=seconds)
    return Turn(
        per_second=answers.per_second,
        cpu=(cpu_seconds(root) - before) / answers.count * 1e6,
        database_cpu=(_database(database_root) - database_before) / answers.count * 1e6,
        p50_ms=answers.p50_ms,
        p99_ms=answers.p99_ms,
    )


def _database(root: int | None) -> float:
    return 0.0 if root is None else cpu_seconds(root)
