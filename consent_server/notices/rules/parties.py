"""Who answers for the data and who receives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .places import farther
from .purposes import purposes_by_slug
from .reasons import Reason, editorial, material
from .spelling import same_but_for_spelling
from .words import reworded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_CONTROLLER: Final = frozenset({"slug", "name", "country", "privacy_url"})
_RECIPIENT: Final = frozenset({"slug", "name", "why", "country", "safeguard"})


def controller_reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Reason]:
    """Compare the controllers: a new one asks again for everything (CNIL 2020-092)."""
    old, new = _by_slug(before, "controllers"), _by_slug(after, "controllers")
    for slug in sorted(new.keys() - old.keys()):
        yield material("controller_added", str(new[slug]["name"]))
    for slug in sorted(old.keys() - new.keys()):
        yield editorial("controller_removed", str(old[slug]["name"]))
    for slug in sorted(old.keys() & new.keys()):
        if old[slug] != new[slug]:
            changed = _controller_changed(old[slug], new[slug])
            code = "controller_changed" if changed else "controller_corrected"
            yield (material if changed else editorial)(code, str(new[slug]["name"]))


def _controller_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return (
        not same_but_for_spelling(str(old["name"]), str(new["name"]))
        or farther(old, new) is True
        or _other_fields(old, new, _CONTROLLER)
    )


def recipient_reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Reason]:
    """Compare the recipients: each touches the purposes that name it, else all of them."""
    old, new = _by_slug(before, "recipients"), _by_slug(after, "recipients")
    for slug in sorted(old.keys() - new.keys()):
        yield editorial("recipient_removed", slug)
    for slug in sorted(new.keys() - old.keys()):
        yield from _for_purposes("recipient_added", slug, after)
    for slug in sorted(old.keys() & new.keys()):
        if old[slug] != new[slug] and _recipient_changed(old[slug], new[slug]):
            yield from _for_purposes("recipient_changed", slug, after)
        elif old[slug] != new[slug]:
            yield editorial("recipient_corrected", slug)
    yield from _named_anew(before, after, old.keys() & new.keys())


def _named_anew(
    before: Mapping[str, Any], after: Mapping[str, Any], known: Collection[str]
) -> Iterator[Reason]:
    was, now = purposes_by_slug(before), purposes_by_slug(after)
    for purpose in sorted(was.keys() & now.keys()):
        old, new = _named(was[purpose]), _named(now[purpose])
        for slug in sorted((new - old) & set(known)):
            yield material("recipient_added", slug, purpose=purpose)
        for slug in sorted((old - new) & set(known)):
            yield editorial("recipient_removed", slug, purpose=purpose)


def _recipient_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return (
        reworded(old.get("name"), new.get("name")) is True
        or reworded(old.get("why"), new.get("why")) is True
        or farther(old, new) is True
        or _other_fields(old, new, _RECIPIENT)
    )


def _other_fields(
    old: Mapping[str, Any], new: Mapping[str, Any], known: frozenset[str]
) -> bool:
    return any(old.get(field) != new.get(field) for field in (old.keys() | new.keys()) - known)


def _for_purposes(code: str, slug: str, body: Mapping[str, Any]) -> Iterator[Reason]:
    naming = [
        name for name, purpose in purposes_by_slug(body).items() if slug in _named(purpose)
    ]
    if not naming:
        yield material(code, slug)
    for purpose in sorted(naming):
        yield material(code, slug, purpose=purpose)


def _named(purpose: Mapping[str, Any]) -> set[str]:
    return set(purpose.get("recipients") or ())


def _by_slug(body: Mapping[str, Any], section: str) -> dict[str, Mapping[str, Any]]:
    return {item["slug"]: item for item in body.get(section, ())}
