"""The command line as a whole: what it says when it cannot work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server import cli, serve
from consent_server.config import Settings
from consent_server.keyring import Keyring

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_database_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONSENT_DATA", str(tmp_path))
    monkeypatch.delenv("CONSENT_DATABASE_URL", raising=False)
    Keyring.create(tmp_path / "keys")
    with pytest.raises(SystemExit) as ended:
        cli.main(["organisations", "list"])
    assert ended.value.code == 75
    said = capsys.readouterr().err
    assert "The database does not answer" in said
    assert "SELECT" not in said


def test_the_http_server_s_own_log_names_no_caller(tmp_path: Path) -> None:
    # It warns of unreadable requests with the address they came from.
    settings = Settings.from_environment({"CONSENT_DATA": str(tmp_path)})
    assert serve.options(settings)["loglevel"] == "error"
