"""The server's own words on a surface: fixed in a version when it is published."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from ..web.words import Words, load_words

WIDGET: Final = Path(__file__).parents[1] / "static" / "widget"
_BANNER: Final = "banner"


@cache
def _banner_words() -> Words:
    return load_words(WIDGET)


def built_in_words(surface: str) -> Words:
    """Give the built-in words of a surface by language; most surfaces have none."""
    return _banner_words() if surface == _BANNER else {}
