"""What an operator types about people: add, show, link, suppress, erase, and whole files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result

from consent_server.cli import commands as whole
from consent_server.fsck import check_all
from consent_server.newsletters.report_cli import report_command
from consent_server.problems import Problem
from consent_server.rights.cli import erase_command
from consent_server.subjects.people_cli import subjects_commands
from consent_server.subjects.suppression_cli import suppressions_commands
from tests.newsletters.test_reports import arf, dsn, recipient
from tests.newsletters.world import count, dump

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.house import House

ADA = "ada.lindqvist@people.example"
# Other rooms' commands come under a word when it is first asked for.
for _word in ("subjects", "suppressions"):
    whole.get_command(click.Context(whole), _word)


def run(group: click.Group, *words: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(group, words, input=stdin)


def said(group: click.Group, *words: str, stdin: str | bytes | None = None) -> Any:
    done = run(group, *words, "--json", stdin=stdin)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def subjects(*words: str) -> Any:
    return said(subjects_commands, *words)


def suppressions(*words: str, stdin: str | bytes | None = None) -> Any:
    return said(suppressions_commands, *words, stdin=stdin)


def test_the_commands_of_other_rooms_stand_in_the_same_groups() -> None:
    context = click.Context(whole)
    assert whole.get_command(context, "subjects") is subjects_commands
    assert whole.get_command(context, "suppressions") is suppressions_commands
    assert subjects_commands.commands["erase"] is erase_command
    assert suppressions_commands.commands["report"] is report_command


def test_a_person_is_added_seen_and_her_facts_are_dated(house: House) -> None:
    add = (
        "add", "--email", ADA, "--phone", "06 12 34 56 78", "--relationship", "customer",
        "--since", "2026-01-05", "--contract", "--capacity", "consumer", "--country", "FR",
        "--birth-year", "1979", "--source", "contract",
    )  # fmt: skip
    made = subjects(*add)
    assert made["new"] is True
    assert subjects(*add) == {"subject": made["subject"], "new": False}
    subjects("add", "--email", ADA, "--capacity", "professional", "--source", "meeting")
    told = subjects("show", "+33 6 12 34 56 78")
    assert told["subject"] == made["subject"]
    assert {each["value"] for each in told["identifiers"]} == {ADA, "+33612345678"}
    facts = {(each["kind"], each["closed_at"] is None): each for each in told["facts"]}
    relationship = facts["relationship", True]
    assert relationship["since"].startswith("2026-01-05")
    assert relationship["says"] == {"kind": "customer", "contract": True}
    assert relationship["source"] == "contract"
    assert facts["capacity", False]["says"] == {"capacity": "consumer"}
    assert facts["capacity", True]["says"] == {"capacity": "professional"}
    shown = run(subjects_commands, "show", ADA).output
    assert "identifiers:" in shown
    assert "links: none" in shown
    house.integrate()
    assert list(check_all()) == []


def test_linking_twice_is_one_link_and_undoing_it_keeps_both(house: House) -> None:
    subjects("add", "--email", ADA, "--source", "x")
    subjects("add", "--external-id", "crm-1", "--source", "x")
    link = run(subjects_commands, "link", ADA, "crm-1", "--source", "log-in").output.strip()
    again = run(subjects_commands, "link", "crm-1", ADA, "--source", "log-in").output.strip()
    assert link == again
    (row,) = subjects("links", ADA)
    assert (row["link"], row["source"], row["undone_at"]) == (link, "log-in", None)
    assert run(subjects_commands, "unlink", link).output == "They are two again.\n"
    (row,) = subjects("links", ADA)
    assert row["undone_at"] is not None
    house.integrate()
    assert list(check_all()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("show", "nobody@people.example"),
        ("link", ADA, "nobody@people.example", "--source", "x"),
        ("unlink", "lnk_0000000000001"),
    ],
)
def test_somebody_unknown_is_said_to_be_so(house: House, words: tuple[str, ...]) -> None:
    house.post("/v1/subjects", {"identifiers": [{"email": ADA}], "source": "x"})
    done = run(subjects_commands, *words)
    assert done.exit_code == 1
    assert isinstance(done.exception, Problem)


def test_erasing_asks_first_and_keeps_the_no(house: House) -> None:
    subjects("add", "--email", ADA, "--source", "x")
    refused = run(subjects_commands, "erase", ADA, "--reason", "asked by letter", stdin="n\n")
    assert refused.exit_code == 1
    assert count(house, "subject") == 1
    done = run(subjects_commands, "erase", ADA, "--reason", "asked by letter", "--yes")
    assert done.exit_code == 0, done.output
    assert "Erased: 1 subject(s).\nSuppressions added: 1.\n" in done.output
    assert ADA not in done.output
    assert house.why({"email": ADA}) == "erased"
    named = run(subjects_commands, "erase", ADA, "--reason", f"{ADA} asked", "--yes")
    assert isinstance(named.exception, Problem)


def test_a_list_of_addresses_is_suppressed_with_its_errors_by_line(
    house: House, tmp_path: Path
) -> None:
    house.tell({"email": ADA})
    file = tmp_path / "stop.txt"
    file.write_bytes(
        b"\xef\xbb\xbf" + f"{ADA}\n\nnot@an@address\n06 12 34 56 78\ncrm-7\n".encode()
        + b"\xff\xfe\n" + b"x" * 10_000 + b"\n" + b"last@people.example"
    )  # fmt: skip
    done = run(suppressions_commands, "import", str(file), "--scope", "marketing")
    assert done.exit_code == 1
    assert "4 added, 0 stood already, 3 lines could not be read." in done.stdout
    lines = [each.partition(":")[0] for each in done.stderr.splitlines() if each[:4] == "line"]
    assert lines == ["line 3", "line 6", "line 7"]
    assert "not@an" not in done.output
    assert house.why({"email": ADA}) == "suppressed"
    again = run(suppressions_commands, "import", str(file), "--scope", "marketing", "--json")
    assert json.loads(again.stdout) == {
        "added": 0, "standing": 4, "refused": 3, "dry_run": False,
    }  # fmt: skip
    house.integrate()
    assert list(check_all()) == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_with_a_header_says_scope_and_reason_line_by_line(
    house: House, separator: str
) -> None:
    rows = [
        ("email", "phone", "scope", "reason"),
        (ADA, "+33612345678", "purpose:newsletter", "objected"),
        ("", "+33612345679", "channel:phone", ""),
        ("bea@people.example", "", "", ""),
        ("bea@people.example", "", "marketing", "because"),
    ]
    text = "\r\n".join(separator.join(row) for row in rows)
    done = run(suppressions_commands, "import", "-", stdin=text.encode())
    assert "3 added, 0 stood already, 2 lines could not be read." in done.stdout
    told = suppressions("list")
    assert sorted((each["kind"], each["scope"], each["reason"]) for each in told) == [
        ("email", "purpose:newsletter", "objected"),
        ("phone", "channel:phone", "asked"),
        ("phone", "purpose:newsletter", "objected"),
    ]


def test_a_dry_run_changes_nothing(house: House) -> None:
    before = dump(house)
    told = suppressions("import", "-", "--scope", "marketing", "--dry-run", stdin=ADA)
    assert (told["added"], told["dry_run"]) == (1, True)
    assert dump(house) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("email,colour\n", "1 columns are not known"),
        (ADA, "no scope"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_words(
    house: House, text: str, words: str
) -> None:
    done = run(suppressions_commands, "import", "-", stdin=text)
    assert done.exit_code == 1
    assert words in done.output
    assert count(house, "suppression") == 0


def test_one_is_added_by_hand_and_listed_without_a_name(house: House) -> None:
    first = suppressions("add", ADA, "--scope", "channel:email", "--reason", "objected")
    assert first["added"] is True
    assert suppressions("add", ADA, "--scope", "channel:email")["added"] is False
    assert house.why({"email": ADA}) == "suppressed"
    listed = run(suppressions_commands, "list").output
    assert "channel:email" in listed
    assert ADA not in listed
    bad = run(suppressions_commands, "add", ADA, "--scope", "everything")
    assert bad.exit_code == 2


def test_reports_are_taken_from_files(house: House, tmp_path: Path) -> None:
    house.tell({"email": ADA})
    for name, raw in (("a", dsn(recipient())), ("b", arf()), ("c", b"")):
        (tmp_path / name).write_bytes(raw)
    files = [str(tmp_path / name) for name in "abc"]
    done = run(suppressions_commands, "report", *files, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {
        "bounced": 1, "complained": 1, "other": 0, "added": 2, "unreadable": 1,
    }  # fmt: skip
    assert ADA not in done.output
    assert house.why({"email": ADA}) == "suppressed"
