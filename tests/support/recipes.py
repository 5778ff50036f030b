"""The recipes of a document: the blocks of code that are marked as tried, word for word."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_TRIED = re.compile(
    r"<!-- tried: (?P<name>\S+) -->\n```(?P<kind>\w*)\n(?P<text>.*?)\n```\n", re.DOTALL
)


def recipes(document: str) -> dict[str, str]:
    """Give each recipe of a document by its name."""
    text = (DOCS / document).read_text("utf-8")
    found = {each["name"]: each["text"] for each in _TRIED.finditer(text)}
    assert len(found) == text.count("<!-- tried:"), "a recipe is named twice, or has no block"
    return found
