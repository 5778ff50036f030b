"""The words of a notice, language by language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .reasons import Reason, editorial, material
from .spelling import same_but_for_spelling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    _Texts = Mapping[str, str]


def words_reasons(
    before: Mapping[str, Any], after: Mapping[str, Any], spoken: Collection[str]
) -> Iterator[Reason]:
    """Compare the notice's own words; `spoken` names every language it ever had."""
    old, new = before.get("words") or {}, after.get("words") or {}
    for language in sorted(set(new) - set(old)):
        yield (material if language in spoken else editorial)(
            "language_back" if language in spoken else "language_added", language
        )
    for language in sorted(set(old) - set(new)):
        yield editorial("language_removed", language)
    for language in sorted(set(old) & set(new)):
        yield from _one_language(language, old[language], new[language])


def _one_language(language: str, old: object, new: object) -> Iterator[Reason]:
    if old == new:
        return
    before, after = list(passages(old)), list(passages(new))
    same_places = [place for place, _ in before] == [place for place, _ in after]
    respelt = same_places and all(
        same_but_for_spelling(one, other)
        for (_, one), (_, other) in zip(before, after, strict=True)
    )
    yield (
        editorial("words_respelt", language) if respelt else material("words_changed", language)
    )


def passages(words: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Walk through every text of a tree of words, each with its place."""
    if isinstance(words, dict):
        for name in sorted(words):
            yield from passages(words[name], f"{place}/{name}")
    elif isinstance(words, list):
        for number, item in enumerate(words):
            yield from passages(item, f"{place}/{number}")
    elif words is not None:
        yield place, str(words)


def reworded(before: _Texts | None, after: _Texts | None) -> bool | None:
    """Compare a text by language: None if alike, False if respelt, True if it says another."""
    if before == after:
        return None
    if not before or not after:
        return True
    shared = before.keys() & after.keys()
    if not shared:
        return True
    return not all(same_but_for_spelling(before[tongue], after[tongue]) for tongue in shared)
