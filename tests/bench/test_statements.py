"""Statements executed again are of somebody else each time, what is packed included."""

from __future__ import annotations

from typing import Any

from bench.statements import Replay, Step


class Told:
    """A transaction that only hears."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def later(self, _: object, row: dict[str, Any]) -> None:
        self.rows.append(row)


def _taken(identifier: int, decision: int) -> list[Step]:
    body = b"\1" + identifier.to_bytes(8) + b"\0" + decision.to_bytes(8)
    values = {"identifier_id": identifier, "id": decision, "body": body}
    return [Step("later", ["INSERT"], [values])]


def test_a_packed_body_names_the_person_and_the_decision_of_its_own_row() -> None:
    somebody, another, third = 2**60 + 1, 2**60 + 2, 2**60 + 3
    text = Replay.of(
        _taken(somebody, 5 << 40), _taken(another, 6 << 40), (somebody,), [(third,)]
    )
    told = Told()
    Replay.read(text).execute(told)  # type: ignore[arg-type] # it only hears
    (row,) = told.rows
    assert row["identifier_id"] == third
    assert row["id"] not in {5 << 40, 6 << 40}
    assert row["body"] == _taken(third, row["id"])[0].values[0]["body"]
