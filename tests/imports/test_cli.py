"""What somebody with a spreadsheet types: look first, then carry over, then take it out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result

from consent_server.exports.cli import export_command
from consent_server.imports.cli import import_command
from consent_server.permissions.cli import lookup_command

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.house import House

commands = click.Group(
    "consent",
    commands={"import": import_command, "export": export_command, "lookup": lookup_command},
)
CONTACTS = """Adresse;Quand;Preuve;Evidenz
ada@people.example;2026-03-01;form 12;
ben@people.example;01/03/2026;form 13;
nobody;2026-03-01;form 14;
"""


def run(*words: str) -> Result:
    """Run a command to its end."""
    return CliRunner().invoke(commands, words)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file as a spreadsheet saves it."""
    path = tmp_path / "contacts.csv"
    path.write_text(CONTACTS, encoding="utf-8-sig")
    return path


def test_the_journey_of_a_file(house: House, file: Path, tmp_path: Path) -> None:
    words = (
        "import", str(file), "--map", "email=Adresse", "--map", "decided_at=Quand",
        "--map", "evidence=Preuve", "--purpose", "newsletter", "--answer", "granted",
        "--source", "old-shop",
    )  # fmt: skip
    tried = run(*words, "--errors", str(tmp_path / "refused.csv"), "--save-map", "shop")
    assert tried.exit_code == 0, tried.output
    assert "1  would be new" in tried.output
    assert "2  would be refused" in tried.output
    assert "1  not_a_time" in tried.output
    assert "(line 3)" in tried.output
    assert "Carry it over with --apply." in tried.output
    assert "Columns not read: Evidenz (is it evidence? --map evidence=Evidenz)." in tried.output
    refused = (tmp_path / "refused.csv").read_text()
    assert "4,email,not_an_identifier" in refused
    assert "people.example" not in tried.output + refused
    assert house.why({"email": "ada@people.example"}) == "never_asked"

    given = ("--purpose", "newsletter", "--answer", "granted", "--source", "old-shop")
    done = run("import", str(file), "--map", "shop", *given, "--apply", "--json")
    told = json.loads(done.stdout)
    assert (told["state"], told["new"], told["refused"]) == ("done", 1, 2)
    assert run("lookup", "cubalys", "ada@people.example", "newsletter").exit_code == 0
    assert house.why({"email": "ada@people.example"}) == "consent"

    listed = json.loads(run("import", "--list", "--json").stdout)
    assert [each["dry_run"] for each in listed] == [False, True] or len(listed) == 2
    again = run("import", "--resume", told["id"], "--json")
    assert json.loads(again.stdout)["new"] == 1

    house.clock.advance(hours=1)
    out = tmp_path / "out.csv"
    taken = run("export", "decisions", "--to", str(out), "--purpose", "newsletter")
    assert taken.output == f"1 rows written to {out}.\n"
    assert out.read_text().endswith("# end: 1 rows\n")
    assert "ada@people.example" in out.read_text()
    assert run("export", "subjects", "--format", "ndjson").stdout.endswith(
        '{"end":{"rows":1}}\n'
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import",), "Name a FILE"),
        (("import", "missing.csv"), "does not exist"),
        (("import", "--resume", "job_0000000000001"), ""),
        (("export", "secrets"), "is not one of"),
        (("export", "decisions", "--since", "yesterday"), "write the time as"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    house: House, words: tuple[str, ...], says: str
) -> None:
    done = run(*words)
    assert done.exit_code != 0
    assert says in done.output
    assert house.organisation
