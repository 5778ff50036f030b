"""Journey 4: somebody wants to be gone; she is, and her no is not (design.md §4)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from consent_server.clock import rfc3339
from tests.support.running import ONE_CLICK, somebody

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.running import Running

PURPOSE = "newsletter.professional"


def lookup(running: Running, email: str, purpose: str = PURPOSE) -> Any:
    return json.loads(running.command("lookup", running.slug, email, purpose, "--json"))


def load(running: Running, file: Path, *rows: str) -> Any:
    """Load an old list, as somebody does who has just set the server up."""
    head = "email,relationship,capacity,purpose,answer,decided_at,evidence"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    words = ("import", str(file), "--source", "meeting", "--apply", "--json")
    return json.loads(running.command(*words))


def test_her_whole_story_by_command_line_import_objection_erasure_import_and_still_no(
    running: Running, tmp_path: Path
) -> None:
    ada = somebody()
    met = f"{ada},prospect,professional,,,,"
    # A prospect met at a fair: at work, she may be written to unless she objects.
    assert load(running, tmp_path / "fair.csv", met)["new"] == 1
    assert lookup(running, ada)["because"] == "legitimate_interest"
    mail = running.link(ada)

    # She objects, by letter; from now on the answer is no.
    objected = ("--scope", "marketing", "--reason", "objected")
    running.command("suppressions", "add", ada, *objected)
    assert lookup(running, ada)["because"] == "suppressed"

    # She wants to be gone. What is known of her is shown once more, and erased.
    shown = json.loads(running.command("subjects", "show", ada, "--json"))
    assert [each["value"] for each in shown["identifiers"]] == [ada]
    reason = ("--reason", "letter of 3 March", "--yes", "--json")
    erased = json.loads(running.command("subjects", "erase", ada, *reason))
    assert erased["subjects"] == [shown["subject"]]
    assert lookup(running, ada)["allowed"] is False
    running.command("subjects", "show", ada, status=1)

    # A colleague finds the old list, adds a yes with evidence, and loads it again.
    lately = rfc3339(datetime.now(UTC) - timedelta(days=90))
    yes = f"{ada},,,newsletter,granted,{lately},form 12"
    again = load(running, tmp_path / "again.csv", met, yes)
    assert (again["new"], again["refused"]) == (1, 1)
    for purpose in (PURPOSE, "newsletter"):
        assert lookup(running, ada, purpose)["because"] == "suppressed"
    # Nor does a system that says it saw her agree bring her back.
    running.agree(ada)
    assert lookup(running, ada, "newsletter")["because"] == "suppressed"

    # The link in her old mail still works, whoever clicks it whenever.
    assert running.http.post(mail, data=ONE_CLICK).status_code == 200

    # Once more somebody is there to be erased, and then nobody.
    told = [
        json.loads(running.command("subjects", "erase", ada, *reason))["erased"]
        for _ in range(2)
    ]
    assert told == [True, False]
    listed = running.command("suppressions", "list", "--json")
    assert ada not in listed
    assert {each["reason"] for each in json.loads(listed)} == {"objected", "erased"}
    running.command("fsck")
    running.command("ledger", "check")


def test_a_visitor_erases_her_own_record_and_is_asked_again(running: Running) -> None:
    body = running.choice()
    written = running.choose(body).json()
    path = f"/v1/sites/{running.site}/record"
    own = {"visitor": body["visitor"], "do": "show"}
    page = {"Origin": running.origin}
    assert running.http.post(path, json=own, headers=page).json()["total"] == 1
    erased = running.http.post(path, json={**own, "do": "erase"}, headers=page)
    assert erased.json()["erased"] is True
    assert running.http.post(path, json=own, headers=page).json()["total"] == 0
    assert running.ask({"visitor": body["visitor"]}, "analytics")["because"] == "never_asked"
    running.get(f"/v1/decisions/{written['id']}/proof", status=410)
    running.command("fsck")
    running.command("ledger", "check")
