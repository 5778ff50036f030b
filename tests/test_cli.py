"""The command line as a whole: what it says when it cannot work."""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from consent_server import cli, serve
from consent_server.config import Settings
from consent_server.keyring import Keyring
from tests.support.nursery import CONSENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Each in a process that has read nothing of any other.
_EACH_ALONE = """
import os, sys
from consent_server import cli
for word in cli.commands.list_commands(None):
    if (child := os.fork()) == 0:
        sys.argv[:] = ["consent", word, "--help"]
        status = 1
        try:
            cli.main()
        except SystemExit as ended:
            status = ended.code or 0
        finally:
            sys.stdout.flush()
            # Not through the interpreter's own end: to tidy up a whole program takes half a
            # second of processor time, thirty times over.
            os._exit(status)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f"{word} cannot be read alone")
"""


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


def read(words: Sequence[str | Path]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_command_is_read_without_the_help_of_another() -> None:
    said = read([sys.executable, "-c", _EACH_ALONE])
    assert said.count("Usage: consent ") == len(cli._WHERE)


def test_the_installed_program_is_that_command_line() -> None:
    assert read([CONSENT, "--help"]).startswith("Usage: consent [OPTIONS] COMMAND")


def test_a_full_disk_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cli.commands, "main", full)
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 74
    # A write names no file.
    assert capsys.readouterr().err == "No space left on device\n"
