"""What was decided, in words: answers, where they were given, when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.dates import format_datetime

from ..clock import from_micros
from ..web import load_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .receipt import Answer, Receipt

WORDS: Final = load_words(Path(__file__).parent)


def say_answer(answer: Answer, words: Mapping[str, str]) -> str:
    """Say what was answered to one purpose."""
    special = words.get(f"yes_{answer.standing}") if answer.answer == "granted" else None
    return special or words.get(f"answer_{answer.answer}", answer.answer)


def say_where(found: Receipt, words: Mapping[str, str]) -> str:
    """Say through what it was recorded."""
    if found.door == "banner":
        how = words.get(f"surface_{found.surface}", words["surface_page"])
        site = (found.site or {}).get("name") or ""
        return words["on_site"].format(site=site, how=how) if site else how
    how = words.get(f"door_{found.door}", words["door_system"])
    how = how.format(organisation=found.organisation.get("name") or "")
    return f"{how} {words['surface_demo']}" if found.surface == "demo" else how


def say_moment(micros: int, language: str) -> str:
    """Say a moment to the second."""
    form = "d MMMM yyyy, HH:mm:ss 'UTC'"
    return str(format_datetime(from_micros(micros), form, locale=language))
