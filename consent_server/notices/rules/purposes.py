"""What is asked: purposes added, extended, reworded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .places import outlasts
from .reasons import Reason, editorial, material
from .words import reworded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    _Rule = Mapping[str, str]
    _Names = Sequence[str] | None

_WORDS: Final = ("title", "text", "grounds", "opt_out")
_PERIODS: Final = ("validity", "proof_period")
# Compared by the rules of trackers and recipients, or naming the purpose itself.
_ELSEWHERE: Final = frozenset({"id", "slug", "trackers", "recipients"})
_HERE: Final = frozenset({*_WORDS, *_PERIODS, "retention", "relationships"})


def purposes_by_slug(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Give the purposes of a version by slug."""
    return {purpose["slug"]: purpose for purpose in body.get("purposes", ())}


def purpose_reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Reason]:
    """Compare what is asked."""
    old, new = purposes_by_slug(before), purposes_by_slug(after)
    for slug in sorted(new.keys() - old.keys()):
        yield material("purpose_added", purpose=slug)
    for slug in sorted(old.keys() - new.keys()):
        yield editorial("purpose_removed", slug)
    for slug in sorted(old.keys() & new.keys()):
        yield from _one(slug, old[slug], new[slug])
    if old.keys() == new.keys() and list(old) != list(new):
        yield editorial("order_changed")


def _one(slug: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Reason]:
    for field in _WORDS:
        differs = reworded(old.get(field), new.get(field))
        if differs is not None:
            code = "purpose_reworded" if differs else "purpose_respelt"
            yield (material if differs else editorial)(code, field, purpose=slug)
    for field in _PERIODS:
        yield from _period(slug, field, old.get(field), new.get(field))
    yield from _retention(slug, old.get("retention"), new.get("retention"))
    yield from _people(slug, old.get("relationships"), new.get("relationships"))
    for field in sorted((old.keys() | new.keys()) - _HERE - _ELSEWHERE):
        if old.get(field) != new.get(field):
            yield material("purpose_changed", field, purpose=slug)


def _period(slug: str, field: str, old: str | None, new: str | None) -> Iterator[Reason]:
    if outlasts(new, old):
        yield material("period_longer", field, purpose=slug)
    elif old != new:
        yield editorial("period_shorter", field, purpose=slug)


def _retention(slug: str, old: _Rule | None, new: _Rule | None) -> Iterator[Reason]:
    if old and new and old.get("counts_from") != new.get("counts_from"):
        yield material("purpose_changed", "retention", purpose=slug)
    else:
        yield from _period(
            slug, "retention", (old or {}).get("period"), (new or {}).get("period")
        )


def _people(slug: str, old: _Names, new: _Names) -> Iterator[Reason]:
    # An empty list means anyone.
    before, after = set(old or ()), set(new or ())
    added = sorted(after - before) if before else []
    if before and not after:
        added = ["anyone"]
    for kind in added:
        yield material("people_added", kind, purpose=slug)
    for kind in sorted(before - after) if after else []:
        yield editorial("people_removed", kind, purpose=slug)
    if after and not before:
        yield editorial("people_removed", "anyone else", purpose=slug)
