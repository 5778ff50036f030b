"""What an operator types: apply, show, publish, and the same as JSON for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result

from consent_server import notices, organisations
from consent_server.db import read, write
from consent_server.notices.cli import notices_commands
from consent_server.notices.organisations_cli import organisations_commands
from consent_server.organisations.cli import audit_command, keys_commands, sites_commands
from tests.support.document import FILE, ORIGIN, apply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.clock import HandClock

pytestmark = pytest.mark.usefixtures("app")

commands = click.Group(
    "consent",
    commands={
        "organisations": organisations_commands,
        "notices": notices_commands,
        "sites": sites_commands,
        "keys": keys_commands,
        "audit": audit_command,
    },
)


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(commands, words, input=stdin)


def said(*words: str) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def apply_file(path: str, *words: str, stdin: str | None = None) -> Result:
    setting = f"SITE_ORIGIN={ORIGIN}"
    return run("organisations", "apply", path, "--set", setting, *words, stdin=stdin)


def test_a_file_is_applied_once_and_says_so_the_second_time() -> None:
    first = apply_file(str(FILE))
    assert first.exit_code == 0, first.output
    assert "cubalys: created" in first.output
    assert "site-banner: version 1, the first" in first.output
    again = apply_file(str(FILE))
    assert again.output == "cubalys: nothing to change.\n"


def test_staff_are_told_which_translations_no_speaker_has_reviewed() -> None:
    applied = apply_file(str(FILE)).output
    assert "built-in words not reviewed by a speaker: ar, bg, cs, da, de, el, es" in applied
    (row,) = [row for row in said("notices", "list") if row["surface"] == "banner"]
    assert {"fr", "en"}.isdisjoint(row["publishing"]["unreviewed"])
    shown = said("notices", "show", row["version"])
    assert shown["unreviewed"] == row["publishing"]["unreviewed"]
    assert "not reviewed by a speaker: ar, bg" in run("notices", "show", row["version"]).output


def test_a_dry_run_shows_the_difference_and_the_judgement_and_keeps_nothing(
    tmp_path: Path,
) -> None:
    apply_file(str(FILE))
    changed = tmp_path / "changed.yaml"
    text = FILE.read_text("utf-8").replace("We count the pages read", "We sell the pages read")
    changed.write_text(text, "utf-8")
    tried = apply_file(str(changed), "--dry-run")
    assert tried.exit_code == 0
    assert "site-banner: version 2, material" in tried.output
    assert "earlier consents no longer count for: analytics" in tried.output
    assert "nothing was kept" in tried.output
    assert [row["number"] for row in said("notices", "list")] == [1, 1, 1, 1]
    assert "changed (org_" in apply_file(str(changed)).output


def test_a_mistake_is_named_by_its_line_and_nothing_is_kept(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        FILE.read_text("utf-8").replace("country: FR", "country: Narnia", 1), "utf-8"
    )
    done = apply_file(str(wrong))
    assert done.exit_code == 1
    assert "line " in done.output
    assert "Narnia" in done.output
    assert said("organisations", "list") == []


def test_a_file_may_come_through_a_pipe() -> None:
    done = apply_file("-", stdin=FILE.read_text("utf-8"))
    assert "cubalys: created" in done.output


def test_what_is_shown_as_json_can_be_applied_again(tmp_path: Path, clock: HandClock) -> None:
    apply(clock)
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(said("organisations", "show")), "utf-8")
    done = run("organisations", "apply", str(kept))
    assert done.output == "cubalys: nothing to change.\n"


def test_lists_are_for_people_and_for_scripts(clock: HandClock) -> None:
    apply(clock)
    for words in (
        ("organisations", "list"),
        ("sites", "list"),
        ("keys", "list"),
        ("notices", "list"),
        ("audit",),
    ):
        shown = run(*words)
        assert shown.exit_code == 0, shown.output
        assert isinstance(said(*words), list)
    assert "cubalys" in run("organisations", "list").output
    assert ORIGIN in run("sites", "list").output


def test_a_key_is_made_listed_and_revoked(clock: HandClock) -> None:
    apply(clock)
    made = said("keys", "create", "--name", "mailer", "--scope", "lookup")
    assert organisations.holder(made["key"], now=clock()) is not None
    (listed,) = said("keys", "list")
    assert (listed["name"], listed["scopes"]) == ("mailer", ["lookup"])
    assert "key" not in listed
    assert run("keys", "revoke", listed["id"]).exit_code == 0
    assert organisations.holder(made["key"], now=clock()) is None
    assert run("keys", "create", "--name", "x", "--scope", "everything").exit_code == 2


def test_with_two_organisations_a_command_asks_whose(clock: HandClock) -> None:
    apply(clock)

    def rename(document: dict[str, Any]) -> None:
        document["organisation"]["slug"] = "another"

    apply(clock, rename)
    unclear = run("sites", "list")
    assert unclear.exit_code == 2
    assert "another, cubalys" in unclear.output
    assert len(said("sites", "list", "-o", "another")) == 1
    assert run("sites", "list", "-o", "nobody").exit_code == 1


def test_a_draft_is_published_or_first_tried(clock: HandClock) -> None:
    applied = apply(clock)
    with write(applied.organisation) as tx:
        row = notices.find_notice(tx, applied.organisation, "site-banner")
        assert row is not None
        words = {
            language: {**texts, "title": texts["title"].upper()}
            for language, texts in applied_words(applied.organisation).items()
        }
        body = {"purposes": ["necessary", "analytics", "advertising", "video"], "words": words}
        notices.save_draft(tx, applied.organisation, row.id, body, now=clock())
    tried = run("notices", "publish", "site-banner", "--dry-run")
    assert "site-banner: version 2, editorial" in tried.output
    raised = said("notices", "publish", "site-banner", "--ask-again", "video")
    assert raised["published"]["touched"] == ["video"]
    assert "the draft is what is published" in run("notices", "publish", "site-banner").output
    shown = run("notices", "show", raised["published"]["id"])
    assert "site-banner, version 2, material" in shown.output


def applied_words(organisation: int) -> dict[str, Any]:
    with read(organisation) as tx:
        document = notices.document_of(tx, organisation)
    assert document is not None
    words: dict[str, Any] = next(
        notice["words"] for notice in document["notices"] if notice["slug"] == "site-banner"
    )
    return words


def test_looks_from_the_command_line_are_in_the_trail(clock: HandClock) -> None:
    apply(clock)
    run("keys", "list")
    run("organisations", "show")
    lines = said("audit")
    assert [line["actor"] for line in lines if line["action"] == "keys.listed"] == [
        "command line"
    ]
    assert "organisation.seen" in {line["action"] for line in lines}


def test_a_file_without_end_is_refused_and_not_waited_for() -> None:
    done = apply_file("/dev/zero")
    assert done.exit_code == 1
    assert "the file is too long" in done.output
