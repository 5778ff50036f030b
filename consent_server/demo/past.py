"""A year of decisions: the same for the same seed, told in the order they happened."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from .contacts import dealings
from .setting import SETTINGS
from .steps import Step, Way, name_of
from .visitors import visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .setting import Setting, Span

# What is left of the public are visitors, known by their browser only.
_LEAVE_AN_ADDRESS: Final = 0.5


def past(span: Span, *, seed: str, people: int) -> list[Step]:
    """Tell what happened to both organisations, with this many people each."""
    steps = [step for setting in SETTINGS for step in _of_one(setting, span, seed, people)]
    return sorted(steps, key=lambda step: (step.at, step.name))


def _of_one(setting: Setting, span: Span, seed: str, people: int) -> Iterator[Step]:
    # Repeatable is what is wanted; nothing is protected by these numbers.
    random = Random(f"{seed}|{setting.slug}|{people}")  # noqa: S311
    known = round(people * _LEAVE_AN_ADDRESS)
    for at, earlier in ((span.begins, True), (span.changes, False)):
        yield Step(
            at=at,
            organisation=setting.slug,
            way=Way.ORGANISATION,
            name=name_of(seed, setting.slug, "organisation", earlier),
            body={"earlier": earlier},
        )
    yield from visits(setting, span, seed, people - known, random)
    yield from dealings(setting, span, seed, known, random)
