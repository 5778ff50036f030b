"""The judgement: what a new version changes for those who answered the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from .banners import banner_reasons
from .parties import controller_reasons, recipient_reasons
from .purposes import purpose_reasons, purposes_by_slug
from .reasons import Reason, editorial, material
from .trackers import tracker_reasons
from .words import words_reasons

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_JUDGED: Final = frozenset(
    {
        "words",
        "languages",
        "purposes",
        "trackers",
        "controllers",
        "recipients",
        "scope",
        "rights",
        "banners",
    }
)
# How to reach people, how often they are asked, the server's own words, who is told of the
# answers: nothing in them changes what anybody agreed to.
_DETAILS: Final = frozenset(
    {
        "format",
        "notice",
        "organisation",
        "site",
        "themes",
        "tags",
        "built_in",
        "ask_again_after",
        "signals",
        "complaint",
    }
)


@dataclass(frozen=True)
class Judgement:
    """Editorial or material, the reasons, and the purposes whose consents no longer count."""

    kind: Literal["editorial", "material"]
    reasons: tuple[Reason, ...]
    touched: frozenset[str]


def judge(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    *,
    raised: Collection[str] = (),
    spoken: Collection[str] = (),
) -> Judgement:
    """Judge a version against the one before it; in doubt it is material.

    `raised` names purposes whose floor the author moves whatever the rules say; nothing
    lowers a judgement. `spoken` names the languages of still earlier versions.
    """
    reasons = [material("author", purpose=slug) for slug in sorted(raised)]
    if before is None:
        reasons = [material("first_version")]
    else:
        reasons += _reasons(before, after, spoken)
    touched = _touched(reasons, after)
    weighs = any(reason.material for reason in reasons)
    return Judgement("material" if weighs else "editorial", tuple(reasons), touched)


def _touched(reasons: Collection[Reason], after: Mapping[str, Any]) -> frozenset[str]:
    asked = frozenset(purposes_by_slug(after))
    named = [reason.purpose for reason in reasons if reason.material]
    if None in named:
        return asked
    return asked & frozenset(name for name in named if name is not None)


def _reasons(
    before: Mapping[str, Any], after: Mapping[str, Any], spoken: Collection[str]
) -> Iterator[Reason]:
    yield from purpose_reasons(before, after)
    yield from tracker_reasons(before, after)
    yield from controller_reasons(before, after)
    yield from recipient_reasons(before, after)
    yield from words_reasons(before, after, spoken)
    yield from _scope(before.get("scope") or {}, after.get("scope") or {})
    yield from _rights(before.get("rights") or (), after.get("rights") or ())
    yield from banner_reasons(before.get("banners") or {}, after.get("banners") or {})
    for section in sorted((before.keys() | after.keys()) - _JUDGED):
        if before.get(section) != after.get(section):
            yield (editorial if section in _DETAILS else _unknown)(
                "details_corrected" if section in _DETAILS else "unknown_change", section
            )


def _unknown(code: str, section: str) -> Reason:
    return material(code, section)


def _scope(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Reason]:
    before, after = _sites(old), _sites(new)
    devices = old.get("devices"), new.get("devices")
    for slug in sorted(after.keys() - before.keys()):
        yield material("scope_wider", after[slug])
    for slug in sorted(before.keys() - after.keys()):
        yield editorial("scope_narrower", before[slug])
    if devices[0] != devices[1]:
        # Counting on more devices, or by another rule, is not what was agreed to.
        yield material("devices_together") if devices[1] else editorial("devices_apart")
    if _but_devices(old) != _but_devices(new) and before.keys() == after.keys():
        yield editorial("details_corrected", "scope")


def _but_devices(scope: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in scope.items() if name != "devices"}


def _sites(scope: Mapping[str, Any]) -> dict[str, str]:
    return {site["slug"]: site["name"] for site in scope.get("sites", ())}


def _rights(
    old: Collection[Mapping[str, Any]], new: Collection[Mapping[str, Any]]
) -> Iterator[Reason]:
    before, after = {item["right"] for item in old}, {item["right"] for item in new}
    for right in sorted(before - after):
        yield material("right_removed", right)
    if old != new and not before - after:
        yield editorial("details_corrected", "rights")
