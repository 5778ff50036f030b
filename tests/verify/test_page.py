"""The page that checks a proof in a browser: from the disk, offline, in two languages."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.ledger.bundle import bundle_bytes
from consent_server.ledger.note import Signer
from consent_server.verify import verify_bundle
from consent_server.verify.words import _TERMS, _WORDS
from consent_server.verify.words_of_archives import ARCHIVES
from tests.browser.test_axe import finds_nothing
from tests.verify.make import (
    CLOSED_FILE,
    EMAIL,
    LOG,
    OPENED_FILE,
    ORIGIN,
    STRANGER,
    TLOG_FILE,
    VKEY,
    Log,
    make_record,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, FilePayload, Page

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "widget" / "verify"
BUILT = ROOT / "consent_server" / "static" / "verify"
FOREIGN = bundle_bytes(Log(signers=(STRANGER,), origin="elsewhere.example/log1").bundle())
ASK = """async ([files, keys, whom, pem]) => Promise.all(files.map(async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    const { holds, findings } = await checkProof(bytes, keys, whom, pem)
    const broken = findings.find(({ sort }) => sort === 'refused')
    const codes = findings.map(({ sort, code }) => `${sort} ${code}`)
    return { holds, codes, broken: broken && [broken.code, broken.place.field || ''] }
}))"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open the page from the disk, cut off from any network."""
    with browser.new_context(offline=True, locale="en-GB") as context:
        opened = context.new_page()
        opened.goto((BUILT / "verify.html").as_uri())
        yield opened


def ask(
    page: Page, files: list[bytes], keys: list[str], whom: str = "", pem: bytes = b""
) -> list[Any]:
    texts = [b64encode(each).decode() for each in files]
    found: list[Any] = page.evaluate(ASK, [texts, keys, whom, pem.decode()])
    return found


def said(file: bytes, keys: list[str], whom: str = "", pem: bytes = b"") -> dict[str, Any]:
    verdict = verify_bundle(file, keys=keys, identifier=whom or None, authorities=pem or None)
    refusal = verdict.refusal
    broken = refusal and [refusal.code, refusal.place.field if refusal.place else ""]
    codes = [f"{each.sort.value} {each.code}" for each in verdict.findings]
    return {"holds": verdict.holds, "codes": codes, "broken": broken}


def flipped(file: bytes, at: int) -> bytes:
    changed = bytearray(file)
    changed[at] ^= 1 << (at % 8)
    return bytes(changed)


def test_the_page_was_built_from_these_sources() -> None:
    paths = sorted(path for path in SOURCES.rglob("*") if path.is_file())
    named = sorted((path.relative_to(SOURCES).as_posix(), path.read_bytes()) for path in paths)
    whole = b"".join(name.encode() + b"\0" + data + b"\0" for name, data in named)
    manifest = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    assert manifest["sources"] == hashlib.sha256(whole).hexdigest(), "run npm run build"
    page = (BUILT / "verify.html").read_bytes()
    assert manifest["page"] == hashlib.sha256(page).hexdigest()


def test_the_page_holds_all_it_needs_and_names_no_other_place() -> None:
    page = (BUILT / "verify.html").read_text("utf-8")
    for way in (" src=", "href=", "url(", "import(", "fetch(", "innerHTML", "eval("):
        assert way not in page, way


@pytest.mark.parametrize(("at", "language"), [(0, "en"), (1, "fr")])
def test_the_page_and_the_command_say_the_same_in_the_same_words(
    at: int, language: str
) -> None:
    words = json.loads((SOURCES / "words" / f"{language}.json").read_text("utf-8"))
    # What one types where is another matter on a page.
    # It reads proofs, not the archive that several come in.
    own = {"part", "opened_unasked", "opening_unchecked", *ARCHIVES}
    theirs = {code: texts[at] for code, texts in _WORDS.items() if code not in own}
    assert {code: words["findings"][code] for code in theirs} == theirs
    assert words["terms"] == {code: texts[at] for code, texts in _TERMS.items()}


def test_both_languages_say_everything() -> None:
    english, french = (
        json.loads((SOURCES / "words" / f"{language}.json").read_text("utf-8"))
        for language in ("en", "fr")
    )
    for part in ("page", "findings", "terms", "places"):
        assert english[part].keys() == french[part].keys()
        assert all(text.strip() for text in french[part].values())


def test_the_page_finds_what_the_command_finds(page: Page) -> None:
    again = json.dumps(json.loads(CLOSED_FILE), indent=2).encode() + b"\n"
    spaced = json.dumps(json.loads(OPENED_FILE), sort_keys=True).encode()
    newer = Signer.from_seed(ORIGIN, b"\x33" * 32)
    two = bundle_bytes(Log(signers=(LOG, newer)).bundle())
    one = bundle_bytes(Log(index=0, size=1).bundle())
    odd = bundle_bytes(Log(record=make_record(recorded_at="2026-11-22T10:43:07Z")).bundle())
    files = [
        CLOSED_FILE,
        OPENED_FILE,
        TLOG_FILE,
        again,
        spaced,
        two,
        one,
        odd,
        FOREIGN,
        b"{}",
        b"[",
        b"",
    ]
    assert ask(page, files, [VKEY]) == [said(each, [VKEY]) for each in files]
    for whom in (EMAIL, "ZOÉ@exemple.fr", "other@exemple.fr"):
        found = ask(page, [OPENED_FILE, CLOSED_FILE], [VKEY], whom)
        assert found == [said(each, [VKEY], whom) for each in (OPENED_FILE, CLOSED_FILE)]


def test_111_a_flipped_bit_is_refused_at_the_place_that_the_command_names(page: Page) -> None:
    """Every eleventh byte here; all bits of all bytes take minutes in a browser."""
    files = [
        flipped(file, at)
        for file, step in ((OPENED_FILE, 11), (TLOG_FILE, 31))
        for at in range(0, len(file), step)
    ]
    found = ask(page, files, [VKEY])
    for at, (here, there) in enumerate(
        zip(found, (said(each, [VKEY]) for each in files), strict=True)
    ):
        assert not here["holds"], at
        assert here["broken"] == there["broken"], (at, here, there)


def give(page: Page, file: bytes, name: str = "proof.json") -> None:
    given: FilePayload = {"name": name, "mimeType": "application/json", "buffer": file}
    page.set_input_files("#file", files=given)
    # It is read beside everything else: on a busy machine a moment later.
    page.locator("#name").get_by_text(name).wait_for()


def test_a_stranger_drops_a_file_compares_the_key_and_reads_that_it_holds(page: Page) -> None:
    give(page, OPENED_FILE)
    verdict = page.locator("#verdict")
    assert "It holds, if this key is the log’s." in verdict.inner_text()
    assert verdict.locator("code").inner_text() == VKEY
    verdict.get_by_role("button").click()
    text = verdict.inner_text()
    assert "The proof holds." in text
    assert "org_0123456789abc" in text
    assert "Yes – audience" in text
    assert "No – publicité" in text
    assert "version ntv_0123456789abc" in text
    page.fill("#whom", EMAIL)
    assert f"✓ {EMAIL}" in verdict.inner_text()
    page.fill("#whom", "somebody@exemple.fr")
    assert "Do not rely on this file." in verdict.inner_text()
    page.fill("#whom", "")
    page.click("#language")
    assert page.get_attribute("html", "lang") == "fr"
    assert "La preuve tient." in verdict.inner_text()
    finds_nothing(page)


def test_a_flipped_and_a_foreign_file_are_refused_with_where(page: Page) -> None:
    page.fill("#key", VKEY)
    at = OPENED_FILE.index(b"granted")
    give(page, flipped(OPENED_FILE, at))
    verdict = page.locator("#verdict")
    assert "record" in verdict.inner_text()
    assert "The proof does not hold." in verdict.inner_text()
    finds_nothing(page)
    give(page, FOREIGN, "<b>x</b>.json")
    assert "no key you trust signed as the log" in verdict.inner_text()
    page.fill("#key", "nonsense")
    assert "The key is not one" in page.locator("#key-wrong").inner_text()
    assert verdict.is_hidden()


def test_the_server_hands_the_page_out_under_a_policy_that_reaches_nothing(
    client: FlaskClient,
) -> None:
    answer = client.get("/verify")
    assert answer.status_code == 200
    assert answer.get_data() == (BUILT / "verify.html").read_bytes()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for part in policy.split("; ")[1:3]:
        assert f"{part}" in answer.get_data(as_text=True)
