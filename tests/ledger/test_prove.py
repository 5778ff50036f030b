"""Proving: what the server hands out, a verifier that shares no code with it accepts."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus

import pytest

from consent_server import ledger
from consent_server.db import Sql, read, write
from consent_server.keyring import CannotOpen
from consent_server.ledger.log_keys import LogKeys
from consent_server.problems import NotFound
from consent_server.verify import verify_bundle
from tests.ledger.world import World, append_many, append_one, change, make_keys


def holds(
    world: World, bundle: dict[str, object], *, log: str = "main", identifier: str | None = None
) -> bool:
    data = ledger.proof_bytes(bundle)
    return verify_bundle(data, keys=[world.vkey(log)], identifier=identifier).holds


def test_a_proof_holds_for_a_stranger_with_the_key_alone(world: World) -> None:
    first, *_ = append_many(7, 5)
    append_many(8, 600)
    world.sequence(batch=100)
    bundle = world.prove(7, first)
    assert bundle["checkpoint_keys"] == [world.vkey()]
    assert bundle["stamps"] == []
    assert json.loads(str(bundle["record"]))["kind"] == "decision"
    assert holds(world, bundle)


def test_a_proof_holds_whatever_the_size_of_the_log(world: World) -> None:
    written: list[int] = []
    for count in (1, 1, 5, 248, 1, 1, 255):
        written += append_many(7, count)
        world.sequence()
        for record_id in (written[0], written[len(written) // 2], written[-1]):
            assert holds(world, world.prove(7, record_id))


def test_security_111_any_flipped_byte_of_a_proof_is_refused(world: World) -> None:
    record_id = append_many(7, 3)[1]
    world.sequence()
    data, key = ledger.proof_bytes(world.prove(7, record_id)), world.vkey()
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert not verify_bundle(flipped, keys=[key]).holds, at


def test_a_proof_of_another_deployment_is_not_believed(world: World) -> None:
    record_id = append_many(7, 1)[0]
    world.sequence()
    stranger = ledger.LogSigner(
        origin=world.signer.origin_for("main"),
        keys=lambda: LogKeys(b"\x09" * 32),
        guard=world.signer.guard,
    )
    key = stranger.key_for(world.signer.origin_for("main")).vkey
    data = ledger.proof_bytes(world.prove(7, record_id))
    assert not verify_bundle(data, keys=[key]).holds


def test_a_sandbox_proves_under_its_own_origin(world: World) -> None:
    record_id = append_many(8, 2, log="sandbox-8")[0]
    world.sequence()
    bundle = world.prove(8, record_id)
    assert holds(world, bundle, log="sandbox-8")
    assert not verify_bundle(ledger.proof_bytes(bundle), keys=[world.vkey()]).holds


def test_an_opened_proof_shows_whose_it_is_and_a_plain_one_does_not(world: World) -> None:
    key = secrets.token_bytes(32)
    with write(7) as tx:
        record_id = append_one(
            tx,
            7,
            more=dict(ledger.person_fields(key, "email", "ada@example.com")),
            opening=ledger.Opening("email", key),
        )
    world.sequence()
    opened = world.prove(7, record_id, opening=True)
    assert holds(world, opened, identifier="ada@example.com")
    assert not holds(world, opened, identifier="bob@example.com")
    closed = world.prove(7, record_id)
    assert "opening" not in closed
    assert holds(world, closed)
    assert not holds(world, closed, identifier="ada@example.com")


def test_a_record_about_nobody_has_nothing_to_open(world: World) -> None:
    record_id = append_many(7, 1)[0]
    world.sequence()
    assert "opening" not in world.prove(7, record_id, opening=True)


def test_a_record_without_a_place_is_pending(world: World) -> None:
    record_id = append_many(7, 1)[0]
    with pytest.raises(ledger.StillPending) as told:
        world.prove(7, record_id)
    assert (told.value.status, told.value.code) == (HTTPStatus.CONFLICT, "pending")
    assert told.value.headers == {"Retry-After": "1"}
    world.sequence()
    assert holds(world, world.prove(7, record_id))


def test_foreign_and_absent_records_are_the_same_refusal(world: World) -> None:
    record_id = append_many(7, 1)[0]
    world.sequence()
    refusals = []
    for asked in (record_id, record_id ^ 1):
        with pytest.raises(NotFound) as told:
            world.prove(8, asked)
        refusals.append((told.value.detail, told.value.headers, told.value.members))
    assert refusals[0] == refusals[1]


def test_er_2_after_erasure_the_leaf_means_nothing_and_other_proofs_hold(
    world: World,
) -> None:
    gone, kept = append_many(7, 2)
    world.sequence()
    before = world.prove(7, kept)
    change(
        "UPDATE ledger_record SET sealed = NULL WHERE organisation_id = 7 AND id = :gone",
        7,
        gone=gone,
    )
    with pytest.raises(ledger.Erased) as told:
        world.prove(7, gone)
    assert (told.value.status, told.value.code) == (HTTPStatus.GONE, "erased")
    append_many(8, 10)
    world.sequence()
    assert holds(world, before)
    assert holds(world, world.prove(7, kept))
    assert world.findings() == []
    with read(7) as tx:
        assert [event.seq for event in ledger.feed(tx, 7, 0, 10)] == [1, 2]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_entry SET commitment = :flipped WHERE place = 0",
        "UPDATE ledger_tile SET hashes = :flipped WHERE level = 0",
        "DELETE FROM ledger_tile",
        "UPDATE ledger_head SET root = :flipped",
        "UPDATE ledger_head SET size = 0",
    ],
)
def test_no_proof_that_would_fail_is_handed_out(world: World, damage: str) -> None:
    append_many(7, 3)
    world.sequence()
    with read() as tx:
        (first,) = tx.run(Sql("SELECT record_id FROM ledger_entry WHERE place = 0"))[0]
    change(damage, flipped=bytes(32))
    with pytest.raises(ledger.DamagedLogError):
        world.prove(7, first)


def test_a_sealed_record_opens_only_for_its_own_organisation(world: World) -> None:
    record_id = append_many(7, 1)[0]
    world.sequence()
    with read(7) as tx, pytest.raises(CannotOpen):
        ledger.prove(
            tx,
            organisation=7,
            record_id=record_id,
            keys=make_keys(8),
            signer=world.signer,
            opening=False,
        )
