"""The reason in plain words, French and English; in full, with the facts behind it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.dates import format_datetime

from ..clock import from_micros
from ..web.words import load_words
from .steps import as_told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..web.words import Words
    from .steps import Step
    from .values import Permission


@cache
def _words() -> Words:
    return load_words(Path(__file__).parent)


def explain(permission: Permission) -> dict[str, str]:
    """Say the reason of a permission in each language."""
    return {language: words[permission.because.value] for language, words in _words().items()}


def explain_in_full(permission: Permission, chain: Iterable[Step]) -> dict[str, Any]:
    """Say the reason and the facts behind it: as one text in each language, and one by one."""
    every = _words()
    told = [
        as_told(
            step, {language: _say(step, words, language) for language, words in every.items()}
        )
        for step in chain
    ]
    texts = {
        language: "\n".join([reason, *(f"- {each[language]}" for each in told)])
        for language, reason in explain(permission).items()
    }
    return {"explanation": texts, "chain": told}


def explain_reason(because: str, language: str) -> str:
    """Say one reason in one language."""
    return _words()[language][because]


def _say(step: Step, words: Mapping[str, str], language: str) -> str:
    gaps = {name: _filled(value, words, language) for name, value in step.gaps.items()}
    at = _moment(from_micros(step.at), language) if step.at is not None else ""
    return words[f"step.{step.about}"].format(at=at, **gaps)


def _filled(value: Any, words: Mapping[str, str], language: str) -> str:
    if isinstance(value, datetime):
        return _moment(value, language)
    if isinstance(value, dict):
        # Words of the organisation's own, in the languages it speaks.
        return str(value.get(language) or next(iter(value.values()), ""))
    text = str(value)
    # What other rooms name may be newer than these words: then its own name must do.
    return words.get(text[1:], text.rpartition(".")[2]) if text.startswith("@") else text


def _moment(moment: datetime, language: str) -> str:
    written: str = format_datetime(moment, "d MMM y, HH:mm", locale=language)
    return f"{written} UTC"
