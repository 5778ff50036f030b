"""`consent ledger`: shows the key, and checks the log for whoever runs the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from consent_server.ledger.cli import ledger_commands
from tests.ledger.world import World, append_many, change

if TYPE_CHECKING:
    from click.testing import Result


def run(*words: str) -> Result:
    return CliRunner().invoke(ledger_commands, words)


def test_the_key_is_the_one_that_strangers_need(world: World) -> None:
    before = run("key").stdout
    append_many(7, 1)
    append_many(8, 1, log="sandbox-8")
    world.sequence()
    assert run("key").stdout == before == f"{world.vkey()}\n"
    assert run("key", "--log", "sandbox-8").stdout == f"{world.vkey('sandbox-8')}\n"


def test_a_log_in_order_is_said_to_be(world: World) -> None:
    assert run("check").stdout == "no entries yet: all agrees\n"
    append_many(7, 3)
    append_many(8, 2, log="sandbox-8")
    world.sequence()
    answer = run("check")
    assert answer.exit_code == 0
    assert answer.stdout == "3 entries in main, 2 entries in sandbox-8: all agrees\n"
    told = json.loads(run("check", "--json").stdout)
    assert told == {"logs": {"main": 3, "sandbox-8": 2}, "findings": []}


def test_what_differs_is_named_and_the_answer_is_not_zero(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    change("UPDATE ledger_feed SET next_seq = 9")
    change("UPDATE ledger_tile SET hashes = :b", b=bytes(96))
    answer = run("check")
    assert answer.exit_code == 1
    assert "main: tile: tile 0/0 is not that of the entries" in answer.stdout
    assert "organisation 7: feed: the feed ends at 3, its head says 8" in answer.stdout
    answer = run("check", "--json")
    assert answer.exit_code == 1
    found = {finding["code"] for finding in json.loads(answer.stdout)["findings"]}
    assert found == {"tile", "feed"}
