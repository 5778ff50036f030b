"""Secrets: a first run that is killed, or is not alone, leaves keys that the next one reads."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from consent_server.keyring import Keyring, rotate_token_keys
from consent_server.secret_files import KEY_BYTES, read_secrets, write_once

if TYPE_CHECKING:
    from pathlib import Path


class PowerCut(BaseException):
    """Nobody may catch it."""


def test_a_first_run_killed_before_a_key_is_written_is_made_up_for_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_power(*_: Any) -> NoReturn:
        raise PowerCut

    with monkeypatch.context() as cut:
        cut.setattr("consent_server.secret_files.os.fdopen", no_power)
        with pytest.raises(PowerCut):
            Keyring.create(tmp_path / "keys")
    Keyring.create(tmp_path / "keys")
    assert len(Keyring.open(tmp_path / "keys").master) == KEY_BYTES


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """All who begin at one instant have looked before the first of them writes."""
    opened = os.fdopen

    def slowly(*told: Any) -> Any:
        time.sleep(0.02)
        return opened(*told)

    monkeypatch.setattr("consent_server.secret_files.os.fdopen", slowly)


@pytest.mark.usefixtures("slow_disk")
def test_of_first_runs_at_once_one_makes_the_key_and_all_read_it(tmp_path: Path) -> None:
    begun = Barrier(8)

    def first(number: int) -> list[bytes]:
        begun.wait()
        write_once(tmp_path / "master.key", bytes(range(number, number + KEY_BYTES)))
        return read_secrets(tmp_path / "master.key")

    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(first, range(8)))
    assert read == [read[0]] * 8
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


@pytest.mark.usefixtures("slow_disk")
def test_of_keys_that_sign_links_renewed_at_once_none_is_lost(tmp_path: Path) -> None:
    Keyring.create(tmp_path)
    begun = Barrier(8)

    def renew(_: int) -> int:
        begun.wait()
        return rotate_token_keys(tmp_path)

    with ThreadPoolExecutor(8) as threads:
        kept = sorted(threads.map(renew, range(8)))
    assert kept == list(range(1, 9))
    assert len(read_secrets(tmp_path / "token.keys")) == 9
