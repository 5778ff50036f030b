"""The log's page and figures: what it is and how it stands, in plain words and in metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consent_server import ledger
from consent_server.clock import to_micros
from consent_server.db import read
from consent_server.ledger.note import Cosigner, Signer
from consent_server.web import current
from consent_server.worker import Worker
from tests.ledger.world import World, append_many, change

if TYPE_CHECKING:
    from flask.testing import FlaskClient

WITNESS = Cosigner.from_seed("witness.example/w1", b"\x05" * 32).key.vkey
OTHER = Signer.from_seed("other.example/log", b"\x06" * 32).key.vkey
STAMP = (
    "INSERT INTO ledger_stamp (log, size, authority, token, told_at)"
    " VALUES ('main', 3, 'https://time.example/tsr', :token, :at)"
)
COSIGNATURE = (
    "INSERT INTO ledger_cosignature (origin, size, witness, line, checkpoint, cosigned_at)"
    " VALUES (:origin, 3, :witness, '', '', :at)"
)


def outside(world: World) -> None:
    """Let an authority and a witness have said something of the first three entries."""
    at = to_micros(world.clock())
    with read() as tx:
        head = ledger.read_head(tx, "main")
    assert head is not None
    change(STAMP, token=b"x", at=at)
    change(COSIGNATURE, origin=head.origin, witness=WITNESS, at=at)
    world.app.extensions["consent.settings"] = replace(
        current.settings(),
        timestamp_urls=("https://time.example/tsr",),
        witnesses=(("https://witness.example/w1", WITNESS),),
        witness_logs=(OTHER,),
    )


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            ("3 entries, by time.example", "witness.example/w1", "1,205", "other.example/log"),
        ),
        ("fr", ("3 entrées, par time.example", "1 202 entrées", "Témoins", "23 novembre 2026")),
    ],
)
def test_the_page_tells_how_big_the_log_is_and_who_vouches_for_it(
    world: World, client: FlaskClient, lang: str, told: tuple[str, ...]
) -> None:
    append_many(7, 3)
    world.sequence()
    outside(world)
    append_many(7, 1202)
    world.sequence()
    answer = client.get(f"/log/?lang={lang}")
    text = answer.text.replace("\u202f", " ")
    assert answer.headers["Content-Language"] == lang
    assert "max-age" in answer.headers["Cache-Control"]
    for each in (*told, world.vkey(), WITNESS):
        assert each in text, each


def test_the_page_says_so_where_nobody_outside_vouches(
    world: World, client: FlaskClient
) -> None:
    assert "Nothing has been recorded yet." in client.get("/log/").text
    append_many(7, 1)
    world.sequence()
    text = client.get("/log/").text
    assert "asks no authority" in text
    assert "has no witness" in text
    assert "/log/cosigned" not in text


def test_the_figures_tell_size_waiting_and_what_was_said_last(
    world: World, client: FlaskClient
) -> None:
    append_many(7, 3)
    world.sequence()
    at = world.clock().timestamp()
    outside(world)
    append_many(7, 2)
    world.sequence()
    append_many(7, 1, at=to_micros(world.clock()))
    world.clock.advance(seconds=90)
    Worker(world.app)._tell_of_the_log()
    told = dict(
        line.split(" ")
        for line in client.get("/metrics").text.splitlines()
        if line.startswith("consent_ledger_")
    )
    assert {name: float(value) for name, value in told.items()} == {
        "consent_ledger_entries": 5.0,
        "consent_ledger_pending_seconds": 90.0,
        "consent_ledger_last_stamp_timestamp_seconds": at,
        "consent_ledger_without_stamp": 2.0,
        "consent_ledger_last_cosignature_timestamp_seconds": at,
        "consent_ledger_without_cosignature": 2.0,
    }
