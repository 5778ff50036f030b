"""The self-check: a head is built a second time, from stored bytes, before it is signed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.ledger import DamagedLogError
from consent_server.ledger import sequence as sequencing
from consent_server.ledger.entry import entry_leaf
from consent_server.ledger.integrate import Waiting
from consent_server.ledger.tiles import append_leaves
from tests.ledger.world import World, append_many, dump_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from consent_server.ledger.entry import Entry
    from consent_server.ledger.tiles import Appended


def flip(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def flip_a_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(entry: Entry) -> bytes:
        return flip(entry_leaf(entry))

    monkeypatch.setattr(sequencing, "entry_leaf", flipped)


def flip_a_commitment(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(*row: Any) -> Waiting:
        return Waiting(*row)._replace(commitment=flip(row[3]))

    monkeypatch.setattr(sequencing, "Waiting", flipped)


def flip_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(*row: Any) -> Waiting:
        return Waiting(*row)._replace(minute=row[2] ^ 1)

    monkeypatch.setattr(sequencing, "Waiting", flipped)


def flip_a_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(*given: Any) -> Appended:
        right = append_leaves(*given)
        return replace(
            right, tiles={name: flip(data, 40) for name, data in right.tiles.items()}
        )

    monkeypatch.setattr(sequencing, "append_leaves", flipped)


def flip_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(*given: Any) -> Appended:
        right = append_leaves(*given)
        return replace(right, root=flip(right.root))

    monkeypatch.setattr(sequencing, "append_leaves", flipped)


def flip_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(size: int, edge: Any, leaves: Any) -> Appended:
        return append_leaves(size, {name: flip(data) for name, data in edge.items()}, leaves)

    monkeypatch.setattr(sequencing, "append_leaves", flipped)


@pytest.mark.parametrize(
    "flipping",
    [
        flip_a_leaf,
        flip_a_commitment,
        flip_a_minute,
        flip_a_tile,
        flip_the_root,
        flip_the_edge,
    ],
)
def test_security_115_a_bit_that_flips_in_memory_is_never_signed(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    flipping: Callable[[pytest.MonkeyPatch], None],
) -> None:
    append_many(7, 5)
    world.sequence()
    append_many(7, 5)
    before = dump_tree()
    with monkeypatch.context() as patched:
        flipping(patched)
        with pytest.raises(DamagedLogError):
            world.sequence()
    assert dump_tree() == before
    assert world.sequence().total == 5
    assert world.findings() == []
