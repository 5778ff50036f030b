"""Journey 5: words change; the server says what that means, and rewrites nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.support.running import FOLDER, apply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.running import Running

SPELLING = ("changer d’avis à tout moment.", "changer d’avis, à tout moment !")
COOKIE = "      - {name: tm_visit, lifetime: PT30M, party: first}\n"
ANOTHER_COOKIE = COOKIE + "      - {name: tm_path, lifetime: P13M, party: first}\n"


def test_a_change_of_words_asks_again_only_for_what_it_touches_and_rewrites_nothing(
    running: Running, tmp_path: Path
) -> None:
    first = running.banner
    visitor = running.choice()
    written = running.choose(visitor).json()
    assert standing_of(running, visitor) == dict.fromkeys(visitor["choices"], "consent")
    words = running.http.get(f"/n/{first}.json")
    before = now()

    # A comma: the server says editorial, and nobody is asked again.
    file = Rewritten(running, tmp_path)
    said = file.change(*SPELLING)
    assert "site-banner: version 2, editorial" in said
    shown = experience(running, after=first)
    assert floors(shown) == {"analytics": 1, "advertising": 1, "video": 1}
    assert standing_of(running, visitor) == dict.fromkeys(visitor["choices"], "consent")

    # One more cookie: a dry run says what it would mean, and keeps nothing.
    said = file.change(COOKIE, ANOTHER_COOKIE, "--dry-run")
    assert "site-banner: version 3, material" in said
    assert "tm_path" in said
    assert "no longer count for: analytics" in said
    assert experience(running) == shown

    # Applied, it moves the floor of what it touches, and no other.
    assert file.apply() == said.replace(
        "this is what would change; nothing was kept", said_changed(running)
    )
    shown = experience(running, after=shown["notice_version"])
    assert floors(shown) == {"analytics": 3, "advertising": 1, "video": 1}
    assert standing_of(running, visitor) == {
        "analytics": "superseded",
        "advertising": "consent",
        "video": "consent",
    }
    # Applied again, it changes nothing.
    assert "nothing to change" in file.apply()

    answer_the_old_words(running, first)
    agree_to_the_new_words(running, visitor, written["id"], shown["notice_version"])

    # Nothing was rewritten: the old words, the old decision, the old answers.
    assert running.http.get(f"/n/{first}.json").content == words.content
    record = running.get(f"/v1/decisions/{written['id']}")
    assert record["notice_version"] == first
    assert record["standing"]["analytics"] == "granted"
    assert standing_of(running, visitor, at=before)["analytics"] == "consent"
    assert running.command("fsck").strip() == "Clean."


def answer_the_old_words(running: Running, first: str) -> None:
    """Answer on a page that still shows them: a yes is kept, but asks again; a no stands."""
    late = running.choose(running.choice(notice_version=first)).json()
    assert late["ask_again"] == ["analytics"]
    assert late["standing"]["analytics"] == "superseded"
    assert late["standing"]["video"] == "granted"
    no = running.choose(running.choice("refuse_all", notice_version=first)).json()
    assert set(no["standing"].values()) == {"refused"}
    assert "ask_again" not in no


def agree_to_the_new_words(
    running: Running, visitor: dict[str, Any], previous: str, version: str
) -> None:
    """Agree, asked again."""
    again = running.choice(
        visitor=visitor["visitor"], notice_version=version, previous=previous
    )
    assert running.choose(again).json()["standing"]["analytics"] == "granted"
    assert standing_of(running, visitor)["analytics"] == "consent"


def test_the_author_may_go_further_than_the_rules(running: Running) -> None:
    notice = running.get("/v1/notices/contact-form")
    body = {"ask_again": ["newsletter"]}
    made = running.post("/v1/notices/contact-form/versions", body, status=201)
    assert made["judgement"] == "material"
    assert made["touched"] == ["newsletter"]
    after = running.get("/v1/notices/contact-form")["floors"]
    assert after == {**notice["floors"], "newsletter": made["number"]}


class Rewritten:
    """The organisation's file, being rewritten."""

    def __init__(self, running: Running, folder: Path) -> None:
        self._running = running
        self._file = folder / "cubalys.yaml"
        self._text = (FOLDER / "cubalys.yaml").read_text("utf-8")

    def change(self, old: str, new: str, *words: str) -> str:
        """Change one place and apply the file; gives what the command said."""
        assert self._text.count(old) == 1
        self._text = self._text.replace(old, new)
        self._file.write_text(self._text, "utf-8")
        return self.apply(*words)

    def apply(self, *words: str) -> str:
        """Apply the file; gives what the command said."""
        return apply(self._running.deployment, self._file, self._running.origin, *words)


def experience(running: Running, after: str = "") -> dict[str, Any]:
    """Give what the banner is told; told of a change, workers know it within a second."""
    path = f"/v1/sites/{running.site}/experience?lang=fr"
    for _ in range(200):
        shown: dict[str, Any] = running.http.get(path).json()
        if shown["notice_version"] != after:
            return shown
        time.sleep(0.1)
    raise AssertionError("the banner still shows the version before")


def floors(shown: dict[str, Any]) -> dict[str, int]:
    """Give the floor of each purpose that is asked about."""
    return {each["slug"]: each["floor"] for each in shown["purposes"] if not each["exempt"]}


def said_changed(running: Running) -> str:
    """Give the words of a change that was kept."""
    organisation = running.get("/v1/organisations")["organisations"][0]["id"]
    return f"changed ({organisation})"


def standing_of(running: Running, asked: dict[str, Any], **more: str) -> dict[str, str]:
    """Ask about every purpose of a visitor's choice."""
    who = {"visitor": asked["visitor"]}
    return {
        purpose: running.ask(who, purpose, **more)["because"] for purpose in asked["choices"]
    }


def now() -> str:
    """Write this moment."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
