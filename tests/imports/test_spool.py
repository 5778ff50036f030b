"""A file that waits is sealed, and whoever cuts or moves a part of it is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.db import Sql, write
from consent_server.imports import spool
from consent_server.imports.jobs import Overtaken, advance, find
from consent_server.imports.run import Runner
from consent_server.imports.work import carry_on
from consent_server.keyring import CannotOpen, OrganisationKeys
from consent_server.organisations import keys_of
from consent_server.sealed_file import FileDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from tests.imports.conftest import Desk

KEYS = OrganisationKeys(7, b"k" * 32, {1: b"i" * 32})
TEXT = b"ada@people.example\n" * 20_000
BIG = "email,purpose,answer\n" + "".join(
    f"p{number}@people.example,newsletter,refused\n" for number in range(8000)
)


def read(path: Path, job: int, total: int) -> bytes:
    with spool.text_of(path, KEYS, job, total) as text:
        return text.read().encode()


def test_no_address_lies_in_the_clear_and_all_of_it_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.spool"
    total = spool.write(path, KEYS, 5, iter([TEXT[:7], TEXT[7:]]))
    assert b"people.example" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert read(path, 5, total) == TEXT


def test_a_file_that_was_cut_or_belongs_to_another_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "x.spool"
    total = spool.write(path, KEYS, 5, iter([TEXT]))
    with pytest.raises(CannotOpen):
        read(path, 6, total)
    whole = path.read_bytes()
    frame = 4 + int.from_bytes(whole[:4], "big")
    path.write_bytes(whole[frame:])
    with pytest.raises(CannotOpen):
        read(path, 5, total)
    path.write_bytes(whole[:frame])
    with pytest.raises(FileDamaged):
        read(path, 5, total)


def test_a_large_file_waits_for_the_worker_sealed_and_is_gone_when_done(
    desk: Desk, tmp_path: Path
) -> None:
    waiting = desk.apply(BIG, status=202)
    assert (waiting["state"], waiting["rows"]) == ("waiting", 0)
    (kept,) = (tmp_path / "data" / "imports").iterdir()
    assert b"people.example" not in kept.read_bytes()
    # Stopped in the middle, it goes on from there.
    calls = iter([False, False, True])
    assert carry_on([desk.house.organisation], lambda: next(calls, True))
    half = desk.house.get(f"/v1/imports/{waiting['id']}").get_json()
    assert half["state"] == "running"
    assert 0 < half["rows"] < 8000
    assert carry_on([desk.house.organisation], lambda: False)
    done = desk.house.get(f"/v1/imports/{waiting['id']}").get_json()
    assert (done["state"], done["rows"], done["new"]) == ("done", 8000, 8000)
    assert list((tmp_path / "data" / "imports").iterdir()) == []
    assert not carry_on([desk.house.organisation], lambda: False)


def test_of_two_who_carry_the_same_import_on_one_is_overtaken(desk: Desk) -> None:
    waiting = desk.apply(BIG, status=202)
    house = desk.house
    with write(house.organisation) as tx:
        job = find(tx, keys_of(house.organisation, tx), waiting["id"])
    # As if it had stopped for a minute in the middle of its first batch.
    calls = iter([False, True])
    Runner(job).run(stopping=lambda: next(calls, True))
    with pytest.raises(Overtaken), write(house.organisation) as tx:
        advance(tx, job, job, house.clock())
    with write(house.organisation) as tx:
        ((count,),) = tx.run(
            Sql("SELECT count(*) FROM decision WHERE organisation_id = :own"),
            {"own": house.organisation},
        )
    with pytest.raises(Overtaken):
        Runner(job).run()
    with write(house.organisation) as tx:
        ((after,),) = tx.run(
            Sql("SELECT count(*) FROM decision WHERE organisation_id = :own"),
            {"own": house.organisation},
        )
    assert after == count > 0


def test_a_file_that_was_damaged_while_it_waited_ends_the_import(
    desk: Desk, tmp_path: Path
) -> None:
    waiting = desk.apply(BIG, status=202)
    (kept,) = (tmp_path / "data" / "imports").iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    assert carry_on([desk.house.organisation], lambda: False)
    failed = desk.house.get(f"/v1/imports/{waiting['id']}").get_json()
    assert failed["state"] == "failed"
    assert "send it again" in failed["because"]
