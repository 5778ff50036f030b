"""The committed banner is the one that its sources make; no Node is needed to see it."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "widget"
BUILT = ROOT / "consent_server" / "static" / "widget"
WORDS = ["words/en.json", "words/fr.json"]


@pytest.fixture(name="manifest")
def read_manifest() -> dict[str, str]:
    """Read the hashes written by the build."""
    manifest: dict[str, str] = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    return manifest


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sources_hash() -> str:
    """Hash every source as build.mjs does: name, NUL, bytes, NUL, in the order of names."""
    paths = [path for folder in ("src", "words") for path in (SOURCES / folder).iterdir()]
    named = sorted((path.relative_to(SOURCES).as_posix(), path.read_bytes()) for path in paths)
    return sha256(b"".join(name.encode() + b"\0" + data + b"\0" for name, data in named))


def test_the_bundle_was_built_from_these_sources(manifest: dict[str, str]) -> None:
    assert manifest["sources"] == sources_hash(), "run `npm ci && npm run build` in widget/"


def test_the_script_carries_the_hash_of_its_sources(manifest: dict[str, str]) -> None:
    assert f"sources {manifest['sources'][:16]}" in (BUILT / "consent.js").read_text("utf-8")


@pytest.mark.parametrize("name", ["consent.js", *WORDS])
def test_the_built_file_is_the_one_in_the_manifest(manifest: dict[str, str], name: str) -> None:
    assert manifest[name] == sha256((BUILT / name).read_bytes())


def test_nothing_is_served_that_the_manifest_does_not_name(manifest: dict[str, str]) -> None:
    served = {path.relative_to(BUILT).as_posix() for path in BUILT.rglob("*") if path.is_file()}
    assert served == (manifest.keys() - {"sources"}) | {"manifest.json"}


def test_the_script_leaves_one_place_for_the_configuration() -> None:
    script = (BUILT / "consent.js").read_text("utf-8")
    assert script.count("__CONSENT_CONFIGURATION__") == 1


@pytest.mark.parametrize("way", ["eval(", "new Function", "innerHTML", "outerHTML", "http://"])
def test_the_script_neither_evaluates_text_nor_parses_markup(way: str) -> None:
    assert way not in (BUILT / "consent.js").read_text("utf-8")


def test_every_language_has_the_same_words_and_none_is_empty() -> None:
    english, french = (json.loads((BUILT / name).read_text("utf-8")) for name in WORDS)
    assert english.keys() == french.keys()
    assert all(text.strip() for words in (english, french) for text in words.values())
