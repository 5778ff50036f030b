"""A worker that holds more connections than another lets that one go first."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from consent_server.web import shares


@pytest.mark.parametrize(
    ("others", "mine", "waits"),
    [
        ({}, 5, False),
        ({1: 5}, 5, False),
        ({1: 6}, 5, False),
        ({1: 4}, 5, True),
        ({1: 0}, 1, True),
        ({1: 9, 2: 4}, 5, True),
        ({1: 0}, 0, False),
    ],
)
def test_who_holds_more_waits_a_moment(
    others: dict[int, int], mine: int, *, waits: bool
) -> None:
    board = shares.Shares()
    for worker, held in others.items():
        board.tell(worker, held)
    with patch.object(shares, "sleep") as slept:
        board.wait(mine)
    assert slept.called == waits


def test_a_worker_that_has_ended_is_waited_for_no_more() -> None:
    board = shares.Shares()
    board.tell(1, 0)
    board.leave(1)
    with patch.object(shares, "sleep") as slept:
        board.wait(7)
    assert not slept.called
