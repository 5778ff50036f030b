"""A dispute as one archive: complete, readable, checked offline, and no byte of it free."""

from __future__ import annotations

import io
import json
import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from consent_server import ledger
from consent_server.clock import rfc3339
from consent_server.db import read
from consent_server.experience.replay import draw
from consent_server.experience.replay.keep import keep_replays
from consent_server.proofs.cli import prove_command
from consent_server.proofs.packed import packed
from consent_server.proofs.verifier import NAME
from consent_server.verify import verify_dispute
from consent_server.web import current
from tests.support.ground import ground
from tests.verify.make import STRANGER

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from playwright.sync_api import Browser

    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
ADA = "ada.lindqvist@people.example"
BOB = "bob@people.example"
# Every byte is tried when asked for; else as many as a test may take.
WHOLE = bool(os.environ.get("CONSENT_TEST_EVERY_BYTE"))
SAMPLE = 120


def prove(target: Path, *words: str) -> Result:
    return CliRunner().invoke(
        prove_command, ["--organisation", "cubalys", "-o", str(target), *words]
    )


@dataclass(frozen=True)
class Made:
    """An archive and all that a test asks of it."""

    house: House
    data: bytes
    files: dict[str, bytes]
    key: str
    decisions: list[str]
    at: str
    folder: Path


@pytest.fixture(scope="module")
def made(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Give the dispute of Ada, who said yes, no by another identifier, and yes again."""
    house = ground.ours
    decisions = [house.tell({"email": ADA, "external_id": "C-77-4411"}, language="en")]
    ground.clock.advance(days=2)
    at = rfc3339(ground.clock())
    ground.clock.advance(days=2)
    decisions.append(
        house.tell({"external_id": "C-77-4411"}, choices={"newsletter": "refused"})
    )
    ground.clock.advance(days=1)
    house.tell({"email": BOB})
    house.choose(house.choice())
    house.integrate()
    folder = tmp_path_factory.mktemp("dispute")
    target = folder / "ada.zip"
    words = ("--subject", ADA, "--purpose", "newsletter", "--at", at)
    answer = prove(target, *words)
    assert answer.exit_code == 0, answer.output
    with read() as tx:
        signer = ledger.LogSigner.of(current.settings(), current.keyring())
        key = ledger.key_of_log(tx, signer, ledger.MAIN_LOG).vkey
    data = target.read_bytes()
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    again = folder / "again.zip"
    assert prove(again, *words).exit_code == 0
    assert again.read_bytes() == data, "the same dispute at the same moment is the same bytes"
    return Made(
        house=house,
        data=data,
        files=files,
        key=key,
        decisions=[each.get_json()["id"] for each in decisions],
        at=at,
        folder=folder,
    )


def test_it_holds_every_decision_the_words_the_keys_and_what_checks_them(made: Made) -> None:
    form = made.house.form
    assert set(made.files) == {
        "answer.json",
        *(f"decisions/{each}.json" for each in made.decisions),
        "index.html",
        "index.en.html",
        "keys/jwks.json",
        "keys/log.keys",
        f"notices/{form}.json",
        f"notices/{form}.fr.html",
        f"notices/{form}.en.html",
        "manifest.jws",
        "verify.html",
        NAME,
    }
    assert made.key in made.files["keys/log.keys"].decode()
    record = json.loads(json.loads(made.files[f"decisions/{made.decisions[0]}.json"])["record"])
    assert sha256(made.files[f"notices/{form}.json"]).hexdigest() == record["notice_hash"]


def test_it_answers_as_the_lookup_did_at_that_moment(made: Made) -> None:
    told = json.loads(made.files["answer.json"])
    assert told["answer"] == made.house.ask({"email": ADA}, at=made.at, explain="full")
    assert told["answer"]["allowed"] is True
    assert made.house.why({"email": ADA}) == "withdrawn"


def test_the_cover_says_who_what_when_and_whether_in_both_languages(made: Made) -> None:
    french, english = made.files["index.html"].decode(), made.files["index.en.html"].decode()
    assert 'lang="fr"' in french
    assert 'lang="en"' in english
    for page in (french, english):
        assert ADA in page
        for decision in made.decisions:
            assert f'href="decisions/{decision}.json"' in page
    assert "Yes, it was allowed" in english
    assert "Oui, c’était permis" in french


def test_no_page_asks_for_anything_that_is_not_in_the_archive(made: Made) -> None:
    for name, data in made.files.items():
        if not name.endswith(".html") or name == "verify.html":
            continue
        page = data.decode()
        assert "<script" not in page
        assert not re.findall(r'<(?:link|img|iframe)\b[^>]*(?:href|src)="(?!data:)', page)
        folder = name.rpartition("/")[0]
        for target in re.findall(r'href="([^"#:]+)"', page):
            path = f"{folder}/{target}" if folder else target
            assert path in made.files, (name, target)


def test_it_is_opened_for_the_person_asked_for_and_names_nobody_else(made: Made) -> None:
    first, second = (
        json.loads(made.files[f"decisions/{each}.json"]) for each in made.decisions
    )
    # The second was made through a number that whoever asked did not name.
    assert ("opening" in first, "opening" in second) == (True, False)
    for secret in (BOB.encode(), b"C-77-4411"):
        assert secret not in made.data


def holds(made: Made, data: bytes, **more: Any) -> Any:
    return verify_dispute(data, **{"keys": [made.key], **more})


def test_it_is_checked_offline_with_the_key_alone_and_says_what_is_in_it(made: Made) -> None:
    verdict = holds(made, made.data, identifier=ADA)
    assert verdict.holds, verdict.refusal
    codes = [each.code for each in verdict.findings]
    assert codes.count("archive_proof") == 2
    assert codes.count("about") == 1
    assert "archive_said" in codes
    assert all(each.say("fr") and each.say("en") for each in verdict.findings)
    assert holds(made, made.data).holds


def test_the_verifier_inside_checks_the_archive_it_came_in(made: Made, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(made.files[NAME])
    (tmp_path / "keys").write_text(made.key)
    words = [NAME, "-", "--key", "keys", "--for", ADA, "--lang", "fr"]
    done = subprocess.run(
        [sys.executable, "-I", "-S", *words], input=made.data, cwd=tmp_path,
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "la preuve tient" in done.stdout.decode()


def test_somebody_elses_address_and_another_key_are_refused(made: Made) -> None:
    other = holds(made, made.data, identifier=BOB)
    assert (other.holds, other.refusal.code) == (False, "another_person")
    refused = holds(made, made.data, keys=[STRANGER.key.vkey])
    assert refused.refusal.code == "statement_by_another"


@pytest.mark.timeout(7200)
def test_111_every_flipped_byte_is_refused_and_says_where(made: Made) -> None:
    places: Any = range(len(made.data))
    if not WHOLE:
        # What stands around the files, and a sample of all.
        chosen = random.Random(8)
        places = {*range(60), *range(len(made.data) - 100, len(made.data))}
        places |= {chosen.randrange(len(made.data)) for _ in range(SAMPLE)}
    for at in sorted(places):
        flipped = bytearray(made.data)
        flipped[at] ^= 1 << (at % 8)
        verdict = holds(made, bytes(flipped))
        assert not verdict.holds, at
        assert verdict.refusal.place is not None
        assert verdict.refusal.say("fr")


def test_a_file_more_a_file_less_or_in_the_place_of_another_is_refused(made: Made) -> None:
    files = made.files
    first = f"decisions/{made.decisions[0]}.json"
    cases = {
        "more.txt": {**files, "more.txt": b""},
        first: {name: data for name, data in files.items() if name != first},
        "index.html": {**files, "index.html": files["index.en.html"]},
        "manifest.jws": {name: data for name, data in files.items() if name != "manifest.jws"},
    }
    for name, changed in cases.items():
        verdict = holds(made, packed(changed))
        assert not verdict.holds
        assert verdict.refusal.place.field == name
    # As another tool would pack the very same files.
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert holds(made, out.getvalue()).refusal.code == "not_exact"
    assert holds(made, made.data + b"\n").refusal.code == "not_exact"
    assert holds(made, made.data[:-1]).refusal.code == "not_exact"


def test_whom_or_what_nobody_knows_is_said_and_nothing_is_written(made: Made) -> None:
    target = made.folder / "none.zip"
    for words in (
        ("--subject", "nobody@people.example", "--purpose", "newsletter"),
        ("--subject", ADA, "--purpose", "nothing"),
        (
            "--subject",
            ADA,
            "--purpose",
            "newsletter",
            "--at",
            rfc3339(made.house.clock() + timedelta(days=1)),
        ),
    ):
        answer = prove(target, *words)
        assert answer.exit_code != 0
        assert "people.example" not in answer.output
        assert not target.exists()


def test_the_audit_trail_keeps_that_it_was_made(made: Made) -> None:
    entries = made.house.get("/v1/audit").get_json()["entries"]
    found = [each for each in entries if each["action"] == "dispute.proved"]
    assert found
    assert ADA not in json.dumps(found)


def test_opened_from_the_disk_it_is_read_in_both_languages_and_reaches_nobody(
    made: Made, browser: Browser
) -> None:
    place = made.folder / "opened"
    for name, data in made.files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    faults: list[str] = []
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 320, "height": 700})
    page.on("console", lambda said: faults.append(said.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((place / "index.html").as_uri())
    assert "Oui, c’était permis" in page.inner_text("main")
    page.click("text=English")
    assert "Yes, it was allowed" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.click("section[aria-labelledby=words] a[hreflang=fr]")
    assert "Au carré" in page.inner_text("main")
    page.close()
    assert faults == []
    assert all(url.startswith("file://") for url in asked)


def test_a_banners_dispute_shows_it_again_as_it_was(
    made: Made, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = made.house
    image = b"\x89PNG\r\n\x1a\n of a test"
    drawn = {view: image + view.encode() for view in draw.VIEWS} | {"second.phone": None}
    monkeypatch.setattr(draw, "browser", lambda: "a browser")
    monkeypatch.setattr(draw, "draw", lambda *_: drawn)
    assert keep_replays(house.organisation) == 1
    visitor = "visitor-of-22-letters-"
    house.choose(house.choice(visitor=visitor))
    house.integrate()
    target = tmp_path / "banner.zip"
    words = ("--subject", visitor, "--kind", "visitor", "--purpose", "analytics")
    answer = prove(target, *words)
    assert answer.exit_code == 0, answer.output
    data = target.read_bytes()
    verdict = holds(made, data, identifier=visitor)
    assert verdict.holds, verdict.refusal
    assert "archive_shown" in [each.code for each in verdict.findings]
    with ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    folder = f"replays/{house.banner}"
    assert files[f"{folder}/fr.first.phone.png"].startswith(image)
    assert f"{folder}/fr.second.phone.png" not in files
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    assert "Certaines images" in page.inner_text("main")
    page.click(f'a[href="{folder}/fr.page.html"]')
    page.get_by_role("button", name="Tout refuser").wait_for()
    page.close()
