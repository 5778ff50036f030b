"""The log's public face: enough for a stranger to rebuild the tree and find it signed."""

from __future__ import annotations

import gzip
import json
from contextlib import contextmanager
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from consent_server import ledger
from consent_server.clock import to_micros
from consent_server.db.transaction import Transaction
from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.checkpoint import open_checkpoint
from consent_server.ledger.merkle import leaf_hash
from consent_server.ledger.note import parse_vkey
from consent_server.ledger.signer import _base64url
from consent_server.ledger.tile_cache import Served, TileCache
from consent_server.ledger.tiles import TilePath
from tests.ledger.vectors import naive_root
from tests.ledger.world import World, append_many, change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from consent_server.db import Sql

FOREVER = "public, max-age=31536000, immutable"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Note every statement that is run meanwhile, whoever runs it."""
    run, seen = Transaction.run, list[str]()

    def noting(tx: Transaction, sql: Sql, values: Any = None) -> list[Any]:
        seen.append(sql.sqlite)
        return run(tx, sql, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "run", noting)
        yield seen


def split_bundle(data: bytes) -> list[bytes]:
    """Read an entry bundle as its specification says: each entry after its length."""
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return entries


@pytest.fixture
def published(world: World) -> World:
    """Give a log of 600 entries: two full tiles and a partial one."""
    append_many(7, 600)
    world.sequence(batch=400)
    return world


def test_tl_2_the_checkpoint_is_served_as_signed(published: World, client: FlaskClient) -> None:
    answer = client.get("/log/checkpoint")
    assert answer.status_code == HTTPStatus.OK
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.text == published.guard_file.read_text()


def test_tl_3_a_stranger_rebuilds_the_signed_tree_from_entries_and_from_tiles(
    published: World, client: FlaskClient
) -> None:
    key = parse_vkey(published.vkey())
    head = open_checkpoint(client.get("/log/checkpoint").text, [key])
    paths = ("000", "001", "002.p/88")
    entries = [
        entry
        for path in paths
        for entry in split_bundle(client.get(f"/log/tile/entries/{path}").data)
    ]
    hashes = b"".join(client.get(f"/log/tile/0/{path}").data for path in paths)
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    assert [leaf_hash(entry) for entry in entries] == leaves
    assert (len(leaves), naive_root(leaves)) == (head.size, head.root)
    above = client.get("/log/tile/1/000.p/2").data
    assert above == naive_root(leaves[:256]) + naive_root(leaves[256:512])
    assert all(set(json.loads(entry)) == {"v", "commitment", "minute"} for entry in entries)


@pytest.mark.usefixtures("published")
def test_tl_3_tiles_are_cached_for_ever_partial_ones_too(client: FlaskClient) -> None:
    for path in ("0/000", "entries/001", "0/002.p/88", "0/000.p/7", "1/000.p/1"):
        answer = client.get(f"/log/tile/{path}")
        assert answer.status_code == HTTPStatus.OK
        assert answer.headers["Cache-Control"] == FOREVER
        assert answer.content_type == "application/octet-stream"
    assert client.head("/log/tile/0/000").status_code == HTTPStatus.OK


NO_TILES = [
    "0/002",
    "0/002.p/89",
    "0/003",
    "1/000",
    "1/000.p/3",
    "2/000.p/1",
    "63/000",
    "64/000",
    "0/x999/x999/x999/x999/x999/x999/999",
    "entries/002",
    "entries/002.p/89",
    "0/0",
    "0/000.p/0",
    "0/000.p/256",
    "0/x000/000",
    "00/000",
    "-1/000",
    "0/000/",
    "0/../0/000",
    "0/\N{ARABIC-INDIC DIGIT ONE}00",
]


@pytest.mark.usefixtures("published")
def test_tl_3_a_tile_that_no_checkpoint_covers_is_not_found(client: FlaskClient) -> None:
    for path in NO_TILES:
        answer = client.get(f"/log/tile/{path}")
        assert answer.status_code == HTTPStatus.NOT_FOUND, path
        assert answer.content_type == "application/problem+json"


def test_each_log_is_served_under_its_name(world: World, client: FlaskClient) -> None:
    append_many(8, 3, log="sandbox-8")
    world.sequence()
    assert client.get("/log/checkpoint").status_code == HTTPStatus.NOT_FOUND
    note = client.get("/log/sandbox-8/checkpoint").text
    assert open_checkpoint(note, [parse_vkey(world.vkey("sandbox-8"))]).size == 3
    assert len(client.get("/log/sandbox-8/tile/0/000.p/3").data) == 96
    assert client.get("/log/sandbox-9/checkpoint").status_code == HTTPStatus.NOT_FOUND


def test_a_tile_that_is_damaged_is_no_tile(published: World, client: FlaskClient) -> None:
    published.app.testing = False
    change("UPDATE ledger_tile SET hashes = :b WHERE level = 0", b=bytes(32))
    change("DELETE FROM ledger_entry WHERE place = 300")
    for path in ("0/000", "entries/001"):
        answer = client.get(f"/log/tile/{path}")
        assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_jw_1_the_key_set_holds_the_log_key_under_its_thumbprint(
    world: World, client: FlaskClient
) -> None:
    answer = client.get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    (key,) = answer.get_json()["keys"]
    assert key["x"] == _base64url(parse_vkey(world.vkey()).public)
    required = {name: key[name] for name in ("crv", "kty", "x")}
    assert key["kid"] == _base64url(sha256(canonical_bytes(required)).digest())
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == (
        "OKP",
        "Ed25519",
        "sig",
        "Ed25519",
    )
    assert "d" not in key


@pytest.mark.usefixtures("published")
def test_tl_3_a_tile_costs_no_query_after_the_first(client: FlaskClient) -> None:
    paths = ("0/000", "1/000.p/2", "entries/002.p/88", "entries/000")
    first = [client.get(f"/log/tile/{path}") for path in paths]
    with statements() as run:
        again = [client.get(f"/log/tile/{path}") for path in paths]
        assert run == []
        assert client.get("/log/tile/0/001").status_code == HTTPStatus.OK
        assert run
    assert [each.data for each in again] == [each.data for each in first]
    assert {each.headers["Cache-Control"] for each in again} == {FOREVER}


@pytest.mark.usefixtures("published")
def test_tl_3_entries_come_compressed_to_whoever_takes_that(client: FlaskClient) -> None:
    plain = client.get("/log/tile/entries/000")
    packed = client.get("/log/tile/entries/000", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) * 0.6


def test_a_log_that_was_resumed_has_addresses_where_nothing_else_stood(
    published: World, client: FlaskClient
) -> None:
    (plan,) = ledger.to_resume(published.signer, anyway=True)
    ledger.resume(published.signer, plan, now=to_micros(published.clock()))
    name = plan.origin.rpartition("/")[2]
    note = client.get(f"/log/{name}/checkpoint").text
    assert note == client.get("/log/checkpoint").text
    assert note.startswith(f"{plan.origin}\n")
    under, over = client.get(f"/log/{name}/tile/0/000"), client.get("/log/tile/0/000")
    assert under.data == over.data
    assert under.headers["Cache-Control"] == FOREVER
    # Here a cache may still hold what ended.
    assert over.headers["Cache-Control"] == "public, max-age=600"
    assert client.get("/log/resumed-9/tile/0/000").status_code == HTTPStatus.NOT_FOUND


def test_the_tiles_asked_for_last_are_kept() -> None:
    kept, fetched = TileCache(most=2), list[int]()

    def ask(number: int) -> bytes:
        def fetch() -> Served:
            fetched.append(number)
            return Served(bytes([number]), for_ever=True)

        return kept.get(TilePath(0, number), fetch).body

    assert [ask(each) for each in (1, 2, 1, 3, 1, 2)] == [
        bytes([each]) for each in (1, 2, 1, 3, 1, 2)
    ]
    assert fetched == [1, 2, 3, 2]
