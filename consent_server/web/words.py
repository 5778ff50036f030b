"""Words for people: one file per language in each room, all with the same keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..problems import RefusedToStart

if TYPE_CHECKING:
    from pathlib import Path

Words = Mapping[str, Mapping[str, str]]


def plain_language(tag: str) -> str:
    """Give a language without its country or script; both forms of Norwegian are `no`."""
    plain = tag.lower().partition("-")[0]
    return "no" if plain in ("nb", "nn") else plain


def load_words(package: Path) -> Words:
    """Read `words/<language>.json` of a room; refuses languages that differ in their keys."""
    words: dict[str, dict[str, str]] = {
        path.stem: json.loads(path.read_text("utf-8"))
        for path in sorted((package / "words").glob("*.json"))
    }
    every = set().union(*words.values())
    missing = [
        f"{language}: {key}"
        for language, texts in words.items()
        for key in sorted(every - set(texts))
    ]
    if missing or not words:
        raise RefusedToStart(f"words are missing in {package.name}: {', '.join(missing)}")
    return words
