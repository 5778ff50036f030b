"""What reads or writes on the device: trackers, their cookies, their lifetimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .places import farther, outlasts
from .purposes import purposes_by_slug
from .reasons import Reason, editorial, material
from .spelling import same_but_for_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES: Final = ("name", "provider")
_HERE: Final = frozenset(
    {"id", "slug", "purposes", "country", "safeguard", "privacy_url", "cookies", "data_kept"}
    | {*_NAMES, "hosts"}
)


def tracker_reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Reason]:
    """Compare the trackers of each purpose that stands in both versions."""
    old, new = _by_slug(before), _by_slug(after)
    was, now = purposes_by_slug(before), purposes_by_slug(after)
    for slug in sorted(was.keys() & now.keys()):
        yield from _of_purpose(slug, set(was[slug]["trackers"]), set(now[slug]["trackers"]))
        for tracker in sorted(set(was[slug]["trackers"]) & set(now[slug]["trackers"])):
            yield from _one(slug, old[tracker], new[tracker])


def _by_slug(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {tracker["slug"]: tracker for tracker in body.get("trackers", ())}


def _of_purpose(slug: str, old: set[str], new: set[str]) -> Iterator[Reason]:
    for tracker in sorted(new - old):
        yield material("tracker_added", tracker, purpose=slug)
    for tracker in sorted(old - new):
        yield editorial("tracker_removed", tracker, purpose=slug)


def _one(slug: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Reason]:
    if old == new:
        return
    name = new["slug"]
    yield from _renamed(slug, old, new)
    moved = farther(old, new)
    if moved is not None:
        code = "transfer_farther" if moved else "transfer_nearer"
        yield (material if moved else editorial)(code, name, purpose=slug)
    yield from _cookies(slug, old, new)
    yield from _hosts(slug, old, new)
    if outlasts(new.get("data_kept"), old.get("data_kept")):
        yield material("period_longer", f"{name}/data_kept", purpose=slug)
    elif new.get("data_kept") != old.get("data_kept"):
        yield editorial("period_shorter", f"{name}/data_kept", purpose=slug)
    if new.get("privacy_url") != old.get("privacy_url"):
        yield editorial("tracker_corrected", name, purpose=slug)
    if any(old.get(field) != new.get(field) for field in (old.keys() | new.keys()) - _HERE):
        yield material("tracker_changed", name, purpose=slug)


def _renamed(slug: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Reason]:
    for field in _NAMES:
        if old.get(field) == new.get(field):
            continue
        if same_but_for_spelling(str(old.get(field)), str(new.get(field))):
            yield editorial("tracker_corrected", new["slug"], purpose=slug)
        else:
            yield material("tracker_changed", new["slug"], purpose=slug)


def _cookies(slug: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Reason]:
    before, after = _stored(old), _stored(new)
    for key in sorted(after.keys() - before.keys()):
        yield material("cookie_added", key[0], purpose=slug)
    for key in sorted(before.keys() - after.keys()):
        yield editorial("cookie_removed", key[0], purpose=slug)
    for key in sorted(before.keys() & after.keys()):
        if outlasts(after[key], before[key]):
            yield material("lifetime_longer", key[0], purpose=slug)
        elif after[key] != before[key]:
            yield editorial("lifetime_shorter", key[0], purpose=slug)


def _stored(tracker: Mapping[str, Any]) -> dict[tuple[str, str, str], str]:
    # The same name written by another party, or elsewhere, is another thing on the device.
    return {
        (cookie["name"], cookie.get("party", ""), cookie.get("storage", "")): cookie["lifetime"]
        for cookie in tracker.get("cookies", ())
    }


def _hosts(slug: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Reason]:
    before, after = set(old.get("hosts") or ()), set(new.get("hosts") or ())
    if after - before:
        yield material("tracker_changed", new["slug"], purpose=slug)
    elif before != after:
        yield editorial("tracker_corrected", new["slug"], purpose=slug)
