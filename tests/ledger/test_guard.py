"""The guard: a database that is older or other than what was signed signs nothing more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from consent_server import ledger
from consent_server.ledger.checkpoint import Checkpoint, sign_checkpoint
from consent_server.ledger.guard import Guard, size_of
from consent_server.ledger.log_keys import LogKeys
from consent_server.ledger.note import Signer
from tests.ledger.world import World, append_many, change, dump_tree, restore_tree

if TYPE_CHECKING:
    from pathlib import Path

SIGNER = Signer.from_seed("log.example", b"\x01" * 32)


def note(size: int) -> str:
    return sign_checkpoint(Checkpoint("log.example", size, b"\x02" * 32), SIGNER)


def refuses(world: World, match: str) -> None:
    append_many(7, 1)
    before = dump_tree()
    with pytest.raises(ledger.RefusedToSign, match=match):
        world.sequence()
    assert dump_tree() == before
    assert [finding.code for finding in world.findings()] == ["head"]


def test_security_113_yesterdays_database_is_not_signed(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    yesterday = dump_tree()
    append_many(7, 2)
    world.sequence()
    restore_tree(yesterday)
    append_many(7, 1)
    with pytest.raises(ledger.RefusedToSign, match="an older database was restored") as told:
        world.sequence()
    assert "restore the newer database" in str(told.value)
    assert "consent ledger resume" in str(told.value)


def test_security_113_an_empty_database_is_not_signed(world: World) -> None:
    empty = dump_tree()
    append_many(7, 3)
    world.sequence()
    restore_tree(empty)
    append_many(7, 1)
    with pytest.raises(ledger.RefusedToSign, match="holds 0 entries"):
        world.sequence()


def test_security_113_another_history_of_the_same_or_greater_size_is_not_signed(
    world: World,
) -> None:
    append_many(7, 3)
    world.sequence()
    yesterday = dump_tree()
    append_many(7, 2)
    world.sequence()
    signed = world.guard_file.read_text()
    restore_tree(yesterday)
    # Whoever also takes the guard away goes on in another history …
    world.guard_file.unlink()
    for more in (2, 3):
        append_many(7, more)
        world.sequence()
        other = world.guard_file.read_text()
        # … until the true guard comes back.
        world.guard_file.write_text(signed)
        append_many(7, 1)
        with pytest.raises(ledger.RefusedToSign, match="are not those that were signed"):
            world.sequence()
        world.guard_file.write_text(other)


def test_security_113_a_server_does_not_start_over_an_older_database(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    yesterday = dump_tree()
    append_many(7, 2)
    world.sequence()
    ledger.refuse_other_history(world.signer)
    restore_tree(yesterday)
    with pytest.raises(ledger.RefusedToSign, match="older database"):
        ledger.refuse_other_history(world.signer)
    restore_tree({table: [] for table in yesterday})
    with pytest.raises(ledger.RefusedToSign, match="older database"):
        ledger.refuse_other_history(world.signer)


def test_a_guard_that_is_gone_is_made_again(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    world.guard_file.unlink()
    append_many(7, 1)
    world.sequence()
    assert size_of(world.guard_file.read_text()) == 4


def test_another_key_signs_nothing_in_this_log(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    append_many(7, 1)
    other = ledger.LogSigner(
        origin=world.signer.origin_for("main"),
        keys=lambda: LogKeys(b"\x09" * 32),
        guard=world.signer.guard,
    )
    with pytest.raises(ledger.RefusedToSign, match="belong to different deployments"):
        ledger.sequence_once(clock=world.clock, signer=other)


def test_a_head_that_was_rewritten_is_not_continued(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    change("UPDATE ledger_head SET root = :root", root=b"\x00" * 32)
    append_many(7, 1)
    with pytest.raises(ledger.RefusedToSign, match="not the one that was signed"):
        world.sequence()


def test_a_guard_file_of_another_log_is_refused(world: World) -> None:
    append_many(7, 3)
    append_many(8, 3, log="sandbox-8")
    world.sequence()
    other = world.signer.guard.highest("sandbox-8")
    assert other is not None
    world.guard_file.write_text(other)
    refuses(world, "was not signed")


def test_a_guard_file_that_is_no_checkpoint_is_refused(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    world.guard_file.write_text("")
    refuses(world, "was not signed")


def test_the_guard_only_grows(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "ledger")
    assert guard.highest("main") is None
    for size, kept in ((3, 3), (5, 5), (4, 5), (5, 5), (6, 6)):
        guard.raise_to("main", note(size))
        found = guard.highest("main")
        assert found is not None
        assert size_of(found) == kept


def test_the_guard_grows_under_several_hands(tmp_path: Path) -> None:
    guard = Guard(tmp_path)
    sizes = range(1, 40)
    threads = [
        threading.Thread(target=guard.raise_to, args=("main", note(size))) for size in sizes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = guard.highest("main")
    assert found is not None
    assert size_of(found) == max(sizes)


@pytest.mark.parametrize("name", ["", "..", "../main", "a/b", "Main", "a b", "a\n"])
def test_a_log_whose_name_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a log"):
        Guard(tmp_path).highest(name)


def test_the_guard_is_for_its_owner_alone(world: World) -> None:
    append_many(7, 1)
    world.sequence()
    assert world.guard_file.parent.stat().st_mode & 0o077 == 0
