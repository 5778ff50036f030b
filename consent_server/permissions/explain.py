"""The reason in plain words, French and English."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..web.words import load_words

if TYPE_CHECKING:
    from ..web.words import Words
    from .values import Permission


@cache
def _words() -> Words:
    return load_words(Path(__file__).parent)


def explain(permission: Permission) -> dict[str, str]:
    """Say the reason of a permission in each language."""
    return {language: words[permission.because.value] for language, words in _words().items()}


def explain_reason(because: str, language: str) -> str:
    """Say one reason in one language."""
    return _words()[language][because]
