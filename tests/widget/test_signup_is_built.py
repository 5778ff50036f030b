"""The committed script for sign-up forms is the one that its sources make, in each language."""

import hashlib
import json
from pathlib import Path
from typing import Any

import brotli
import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "widget" / "signup"
BUILT = ROOT / "consent_server" / "static" / "signup"
LANGUAGES = sorted(path.stem for path in (ROOT / "widget" / "words").glob("*.json"))
# A page fetches it beside the banner: small enough never to be thought about.
MOST_BYTES = 2_400


def words(language: str) -> dict[str, str]:
    told: dict[str, str] = json.loads((SOURCES / "words" / f"{language}.json").read_text("utf-8"))
    return told


def test_the_script_was_built_from_these_sources() -> None:
    paths = sorted(path for path in SOURCES.rglob("*") if path.is_file())
    named = sorted((path.relative_to(SOURCES).as_posix(), path.read_bytes()) for path in paths)
    whole = b"".join(name.encode() + b"\0" + data + b"\0" for name, data in named)
    manifest: dict[str, Any] = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    assert manifest["sources"] == hashlib.sha256(whole).hexdigest(), "run npm run build"
    served = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in BUILT.glob("*.js")
    }
    assert served == manifest["files"]


def test_it_speaks_every_language_that_the_banner_speaks() -> None:
    assert sorted(path.stem for path in BUILT.glob("*.js")) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_in_a_small_script(language: str) -> None:
    told = words(language)
    assert told.keys() == words("en").keys()
    assert all(text.strip() for text in told.values())
    assert told["text"].count("{email}") == 1
    script = (BUILT / f"{language}.js").read_bytes()
    assert len(brotli.compress(script, quality=11)) <= MOST_BYTES
    for way in (b"innerHTML", b"eval(", b"new Function", b"http://", b"cookie", b"localStorage"):
        assert way not in script
