"""The statements of a journey, taken down from real requests and executed again.

Two requests of the same kind are watched. What is the same in both is kept; what differs
is drawn anew each time the statements are executed: from a row of known people where it
is theirs, else an id, a hash or a token as random as the first.
"""

from __future__ import annotations

import os
import random
import re
from ast import literal_eval
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from consent_server.db import Question, Reading, Sql, Transaction
from consent_server.ids import new_id, random_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

Values = dict[str, Any]
Pool = list[tuple[Any, ...]]
_METHODS: Final = ("run", "run_together", "run_many", "later", "look")
_HASH_BYTES: Final = 32
_TOKEN_LETTERS: Final = 22
# Microseconds since 1970, and minutes: what is neither is an id.
_TIMES: Final = (range(10**9), range(10**15, 3 * 10**15))


@dataclass
class Step:
    """One call of the driver: its method, its statements, their values."""

    method: str
    texts: list[str]
    values: list[Values]


@contextmanager
def taken_down() -> Iterator[list[Step]]:
    """Take down every statement executed meanwhile."""
    steps: list[Step] = []
    inside: list[str] = []

    def watching(method: str) -> Callable[..., Any]:
        real = getattr(Transaction, method)

        def watched(self: Transaction, *arguments: Any) -> Any:
            if not inside:
                steps.append(_step(method, postgresql=self.postgresql, arguments=arguments))
            inside.append(method)
            try:
                return real(self, *arguments)
            finally:
                inside.pop()

        return watched

    def asked(self: Question, engine: Engine, organisation: int, values: Values) -> Any:
        text = self.postgresql if engine.dialect.name == "postgresql" else self.sqlite
        steps.append(Step("ask", [text], [{**values, "organisation": organisation}]))
        return ask(self, engine, organisation, values)

    ask = Question.ask
    patches = [patch.object(Transaction, each, watching(each)) for each in _METHODS]
    patches.append(patch.object(Question, "ask", asked))
    for each in patches:
        each.start()
    try:
        yield steps
    finally:
        for each in patches:
            each.stop()


def _step(method: str, *, postgresql: bool, arguments: tuple[Any, ...]) -> Step:
    if method == "run_together":
        pairs = list(arguments[0])
    elif method == "run_many":
        pairs = [(arguments[0], row) for row in arguments[1]]
    else:
        pairs = [(arguments[0], arguments[1] if len(arguments) > 1 else None)]
    if method == "look" and postgresql:
        # What goes before only locks, as the bare route does by itself.
        texts = [arguments[0].postgresql[-1].source]
    else:
        texts = [sql.postgresql if postgresql else sql.sqlite for sql, _ in pairs]
    return Step(method, texts, [dict(values or {}) for _, values in pairs])


class Replay:
    """Statements ready to be executed again, each time for somebody else."""

    def __init__(self, steps: list[Step], holes: list[Any], pool: Pool) -> None:
        self._holes, self._pool = holes, pool
        self._steps = [
            (
                step.method,
                [_ready(step.method, text) for text in step.texts],
                [_split(values) for values in step.values],
            )
            for step in steps
        ]

    @classmethod
    def of(cls, first: list[Step], second: list[Step], row: tuple[Any, ...], pool: Pool) -> str:
        """Write down what two watched requests have in common, for `read`.

        `row` is the person of the first request as `pool` knows people.
        """
        if [(a.method, a.texts) for a in first] != [(b.method, b.texts) for b in second]:
            raise ValueError("the two requests did not execute the same statements")
        holes: list[Any] = []
        found: dict[Any, int] = {}
        for a, b in zip(first, second, strict=True):
            for mine, other in zip(a.values, b.values, strict=True):
                for name, value in mine.items():
                    if value != other[name] and (filler := _filler(value, row)) is not None:
                        if value not in found:
                            found[value] = len(holes)
                            holes.append(filler)
                        mine[name] = {"hole": found[value]}
        _part(first, found)
        steps = [(step.method, step.texts, step.values) for step in first]
        return repr({"steps": steps, "holes": holes, "pool": pool})

    @classmethod
    def read(cls, text: str) -> Replay:
        """Read what `of` wrote."""
        told = literal_eval(text)
        return cls([Step(*step) for step in told["steps"]], told["holes"], told["pool"])

    def execute(self, tx: Transaction) -> int:
        """Execute every statement once; gives how many rows came back."""
        rows = 0
        for method, texts, values in self._drawn():
            if method == "later":
                tx.later(texts[0], values[0])
            elif method == "look":
                tx.look(texts[0], values[0])
                rows += 1
            elif method == "run":
                rows += len(tx.run(texts[0], values[0]))
            elif method == "run_many":
                tx.run_many(texts[0], values)
            else:
                rows += sum(map(len, tx.run_together(list(zip(texts, values, strict=True)))))
        return rows

    def ask(self, engine: Engine) -> int:
        """Ask every question once, of a journey that only asks; gives how many cells came."""
        return sum(
            len(question.ask(engine, values["organisation"], values))
            for _, (question,), (values,) in self._drawn()
        )

    def _drawn(self) -> Iterator[tuple[str, list[Any], list[Values]]]:
        row = random.choice(self._pool) if self._pool else ()
        drawn = [row[hole] if isinstance(hole, int) else _FRESH[hole]() for hole in self._holes]
        for method, texts, split in self._steps:
            values = [
                {**kept, **{name: _filled(hole, drawn) for name, hole in holes}}
                for kept, holes in split
            ]
            yield method, texts, values


def _filler(value: object, row: tuple[Any, ...]) -> int | str | None:
    """Say what fills a place that differs: a column of a known person, or something fresh."""
    if value in row:
        return row.index(value)
    if isinstance(value, int) and not any(value in times for times in _TIMES):
        return "id"
    if isinstance(value, bytes) and len(value) == _HASH_BYTES:
        return "hash"
    if isinstance(value, str) and len(value) == _TOKEN_LETTERS:
        return "token"
    # Times, sealed cells and texts in JSON: another value would cost the database the same.
    return None


def _part(steps: list[Step], found: dict[Any, int]) -> None:
    """Part what is packed at the ids it holds: else all would be given one person's."""
    for values in [each for step in steps for each in step.values]:
        for name, value in values.items():
            if isinstance(value, bytes) and len(pieces := _pieces(value, found)) > 1:
                values[name] = {"pieces": pieces}


def _pieces(value: bytes, found: dict[Any, int]) -> list[Any]:
    ids = {
        number.to_bytes(8): hole for number, hole in found.items() if isinstance(number, int)
    }
    if not ids:
        return [value]
    parted = re.split(b"(%s)" % b"|".join(map(re.escape, ids)), value, flags=re.DOTALL)
    return [ids.get(piece, piece) for piece in parted]


def _filled(hole: int | list[Any], drawn: list[Any]) -> Any:
    if isinstance(hole, int):
        return drawn[hole]
    return b"".join(
        [drawn[piece].to_bytes(8) if isinstance(piece, int) else piece for piece in hole]
    )


_FRESH: Final[dict[str, Callable[[], Any]]] = {
    "id": new_id,
    "hash": lambda: os.urandom(_HASH_BYTES),
    "token": random_name,
}


class _Taken(Sql):
    """A statement that was taken down; rows of an insert are those of different people."""

    first = last = False


@cache  # rows of one table are written together when they name the same statement
def _ready(method: str, text: str) -> Any:
    if method == "ask":
        return Question(text, text)
    if method == "look":
        return Reading(text, text)
    made = _Taken(text)
    made.postgresql = text
    return made


def _split(values: Values) -> tuple[Values, list[tuple[str, int | list[Any]]]]:
    kept = {name: value for name, value in values.items() if not isinstance(value, dict)}
    holes = [(name, each) for name, each in values.items() if name not in kept]
    return kept, [
        (name, each["pieces"] if "pieces" in each else each["hole"]) for name, each in holes
    ]
