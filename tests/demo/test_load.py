"""Loading again, elsewhere, or after a crash: nothing is lost and nothing is doubled."""

from __future__ import annotations

import json
import stat
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from consent_server.app import create_app
from consent_server.db import Base, db, read
from consent_server.demo.files import read_demo
from consent_server.demo.load import Wanted, load
from consent_server.demo.people import invent
from consent_server.demo.play import Player
from consent_server.demo.setting import SETTINGS
from consent_server.fsck import check_all
from consent_server.ids import parse
from tests.support.clock import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from consent_server.config import Settings
    from consent_server.demo.steps import Step

FEW = Wanted(people=24)
# What a repeat or a crash may add to: notes of requests, and heads of the log.
_MAY_DIFFER = {"idempotency", "ledger_checkpoint", "ledger_tile", "ledger_head", "ledger_feed"}


class PowerCutError(Exception):
    """The load ends in the middle."""


@contextmanager
def inside(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings, clock=HandClock())
    with app.app_context():
        yield app
        db.engine.dispose()


def counted(settings: Settings) -> dict[str, int]:
    """Count the rows of every table."""
    demo = read_demo(settings.data) or {"organisations": []}
    known = [parse("org", each["id"]) for each in demo["organisations"]]
    with inside(settings):
        return {
            name: sum(_count(name, each) for each in known)
            if "organisation_id" in table.columns
            else _count(name, None)
            for name, table in Base.metadata.tables.items()
        }


def _count(table: str, organisation: int | None) -> int:
    where = "" if organisation is None else f" WHERE organisation_id = {organisation}"
    with read(organisation) as tx:
        select = text(f"SELECT COUNT(*) FROM {table}{where}")
        return int(tx.session.execute(select).scalar_one())


def broken_off(settings: Settings, after: int, patch: pytest.MonkeyPatch) -> None:
    """Begin a load that is cut off after some people's steps."""
    play, left = Player.play, iter(range(after))

    def cut(player: Player, step: Step) -> None:
        if next(left, None) is None:
            raise PowerCutError
        play(player, step)

    with patch.context() as patched:
        patched.setattr(Player, "play", cut)
        with pytest.raises(PowerCutError):
            load(settings, create_app, FEW, clock=HandClock())


def test_loading_twice_changes_nothing(settings: Settings) -> None:
    first = load(settings, create_app, FEW, clock=HandClock())
    before, file = counted(settings), (settings.data / "demo.json").read_bytes()
    second = load(settings, create_app, FEW, clock=HandClock())
    assert (first.new, second.new) == (True, False)
    assert second.demo == first.demo
    assert counted(settings) == before
    assert (settings.data / "demo.json").read_bytes() == file


def test_a_load_that_broke_off_is_finished_as_if_it_never_had(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for after in (0, 5, 11, 3, 17):
        broken_off(settings, after, monkeypatch)
        assert read_demo(settings.data) is None
    load(settings, create_app, FEW, clock=HandClock())
    interrupted = counted(settings)
    with inside(settings):
        assert list(check_all()) == []
    assert not (settings.data / "demo.loading.json").exists()
    assert _kept(interrupted) == _kept(_whole(settings))


def test_what_a_broken_load_leaves_behind_is_for_nobody_else_to_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_off(settings, 2, monkeypatch)
    mode = (settings.data / "demo.loading.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_load_that_was_begun_is_finished_as_it_was_begun(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_off(settings, 5, monkeypatch)
    load(settings, create_app, Wanted(seed="another", people=200), clock=HandClock())
    with_people = _kept(counted(settings))
    assert with_people == _kept(_whole(settings))


def test_on_another_port_sites_move_and_no_consent_is_lost(settings: Settings) -> None:
    first = load(settings, create_app, FEW, clock=HandClock()).demo
    moved = replace(settings, port=8100, base_url="http://127.0.0.1:8100")
    second = load(moved, create_app, FEW, clock=HandClock()).demo
    assert second["base_url"] == "http://127.0.0.1:8100"
    assert [each["sites"][0]["origin"] for each in second["organisations"]] == [
        "http://cubalys.localhost:8101",
        "http://hebergis.localhost:8102",
    ]
    for before, after in zip(first["organisations"], second["organisations"], strict=True):
        assert after["api_key"] == before["api_key"]
        assert after["sites"][0]["id"] == before["sites"][0]["id"]
    with inside(moved) as app:
        body = {"subject": {"email": invent(SETTINGS[0], 0).email}, "purpose": "newsletter"}
        headers = {"Authorization": f"Bearer {second['organisations'][0]['api_key']}"}
        answer = app.test_client().post("/v1/permissions", json=body, headers=headers)
        assert answer.get_json()["because"] == "consent"


def test_without_its_file_the_past_is_kept_and_nothing_is_added(settings: Settings) -> None:
    first = load(settings, create_app, FEW, clock=HandClock()).demo
    before = counted(settings)
    (settings.data / "demo.json").unlink()
    second = load(settings, create_app, FEW, clock=HandClock()).demo
    after = counted(settings)
    assert [each["id"] for each in second["organisations"]] == [
        each["id"] for each in first["organisations"]
    ]
    for table in ("decision", "subject", "subject_fact", "notice_version"):
        assert after[table] == before[table]


def test_a_half_written_file_is_taken_for_none(settings: Settings) -> None:
    settings.data.mkdir(exist_ok=True)
    (settings.data / "demo.json").write_text('{"organisations": [')
    assert read_demo(settings.data) is None


def test_a_demonstration_without_people_has_its_organisations(settings: Settings) -> None:
    loaded = load(settings, create_app, Wanted(people=0), clock=HandClock())
    assert loaded.examples.receipt is None
    assert counted(settings)["decision"] == 0
    names: list[Any] = [each["name"] for each in loaded.demo["organisations"]]
    assert names == ["Cubalys", "Hébergis"]
    assert json.loads((settings.data / "demo.json").read_text("utf-8")) == loaded.demo


def _kept(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if name not in _MAY_DIFFER}


def _whole(settings: Settings) -> dict[str, int]:
    """Count what a load in one go makes, in a SQLite database of its own."""
    data = settings.data / "whole"
    data.mkdir()
    url = f"sqlite:///{data / 'consent.db'}"
    alone = replace(settings, data=data, database_url=url, migration_url=url)
    load(alone, create_app, FEW, clock=HandClock())
    return counted(alone)
