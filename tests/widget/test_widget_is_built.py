"""The committed banner is the one that its sources make; no Node is needed to see it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "widget"
BUILT = ROOT / "consent_server" / "static" / "widget"


PLACES = ["__CONSENT_CONFIGURATION__", "__CONSENT_MODULES__"]


@pytest.fixture(name="manifest")
def read_manifest() -> dict[str, Any]:
    """Read the hashes written by the build."""
    manifest: dict[str, Any] = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    return manifest


def built(kind: str) -> dict[str, str]:
    """Give every built file of a kind, by its path."""
    return {
        path.relative_to(BUILT).as_posix(): path.read_text("utf-8")
        for path in sorted(BUILT.rglob(f"*.{kind}"))
    }


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sources_hash() -> str:
    """Hash every source as build.mjs does: name, NUL, bytes, NUL, in the order of names."""
    paths = [path for folder in ("src", "words") for path in (SOURCES / folder).rglob("*")]
    named = sorted(
        (path.relative_to(SOURCES).as_posix(), path.read_bytes())
        for path in paths
        if path.is_file()
    )
    return sha256(b"".join(name.encode() + b"\0" + data + b"\0" for name, data in named))


def test_the_bundle_was_built_from_these_sources(manifest: dict[str, Any]) -> None:
    assert manifest["sources"] == sources_hash(), "run `npm ci && npm run build` in widget/"


def test_each_built_file_is_the_one_in_the_manifest_and_there_is_no_other(
    manifest: dict[str, Any],
) -> None:
    served = {
        path.relative_to(BUILT).as_posix(): sha256(path.read_bytes())
        for path in BUILT.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert served == manifest["files"]


def test_each_module_in_the_sources_is_built() -> None:
    sources = {f"modules/{path.name}" for path in (SOURCES / "src" / "modules").glob("*.js")}
    assert {name for name in built("js") if name.startswith("modules/")} == sources


@pytest.mark.parametrize("place", PLACES)
def test_the_core_leaves_one_place_for_each_thing_put_into_it(place: str) -> None:
    scripts = built("js")
    assert scripts.pop("core.js").count(place) == 1
    assert not any(place in script for script in scripts.values())


# A name that looks like an address and is never called.
_SVG = "http://www.w3.org/2000/svg"


# Where a browser has no sanitizer of its own, our server's own markup is put in like this.
_OURS = "innerHTML="


@pytest.mark.parametrize("way", ["eval(", "new Function", "innerHTML", "outerHTML", "http://"])
def test_no_script_evaluates_text_or_parses_markup_but_our_servers(way: str) -> None:
    scripts = {name: script.replace(_SVG, "") for name, script in built("js").items()}
    scripts["core.js"] = scripts["core.js"].replace(_OURS, "", 1)
    assert [name for name, script in scripts.items() if way in script] == []


def test_no_letter_makes_a_browser_keep_the_script_in_twice_the_memory() -> None:
    assert [name for name, script in built("js").items() if max(map(ord, script)) > 255] == []


def test_every_language_has_the_same_words_and_none_is_empty() -> None:
    languages = {name: json.loads(text) for name, text in built("json").items()}
    del languages["manifest.json"]
    english = languages["words/en.json"].keys()
    missing = {name: english ^ words.keys() for name, words in languages.items()}
    assert {name: keys for name, keys in missing.items() if keys} == {}
    assert all(text.strip() for words in languages.values() for text in words.values())
