"""Reading a loaded body into identifiers and facts; every fault names its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ..problems import FieldError, Unprocessable
from .facts import Told
from .identifiers import KINDS, Identified, Kind, NotAnIdentifier, identify

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ..notices.values import Configuration

# A clock a little ahead is a clock.
CLOCK_SLACK: Final = timedelta(minutes=5)


def region_of(configuration: Configuration) -> str:
    """Tell in which country a phone number without a prefix is meant to be."""
    organisation = configuration.settings.get("organisation", {})
    return str(organisation.get("phone_region") or organisation.get("country") or "")


def sellers_of(configuration: Configuration) -> frozenset[str]:
    """Give the names under which the organisation itself sells."""
    organisation = configuration.settings.get("organisation", {})
    names = (organisation.get(name) for name in ("slug", "name", "legal_name", "legal_id"))
    return frozenset(str(name) for name in names if name)


def identify_all(
    given: Iterable[tuple[str, Kind, str, bool]], *, region: str
) -> list[Identified]:
    """Read identifiers given as (pointer, kind, text, shared); refuses naming each fault."""
    read: list[Identified] = []
    faults: list[FieldError] = []
    for pointer, kind, text, shared in given:
        try:
            read.append(identify(kind, text, region=region, shared=shared))
        except NotAnIdentifier as error:
            faults.append(FieldError(pointer, str(error)))
    if faults:
        raise Unprocessable("an identifier cannot be read", errors=faults)
    return _each_once(read)


def _each_once(read: list[Identified]) -> list[Identified]:
    # Two spellings of one address are one identifier; shared, if either says so.
    shared = {(one.kind, one.match) for one in read if one.shared}
    firsts = {(one.kind, one.match): one for one in reversed(read)}
    kept = dict.fromkeys((one.kind, one.match) for one in read)
    return [replace(firsts[place], shared=place in shared) for place in kept]


def in_list(identifiers: Iterable[Mapping[str, Any]]) -> list[tuple[str, Kind, str, bool]]:
    """Unfold `identifiers[{email}, {phone}]` of `POST /v1/subjects`."""
    return [
        (f"/identifiers/{index}/{kind}", kind, one[kind], bool(one.get("shared")))
        for index, one in enumerate(identifiers)
        for kind in KINDS
        if kind in one
    ]


def in_object(subject: Mapping[str, Any]) -> list[tuple[str, Kind, str, bool]]:
    """Unfold `subject{email, phone, …}` of `POST /v1/decisions`."""
    return [
        (f"/subject/{kind}", kind, subject[kind], False) for kind in KINDS if kind in subject
    ]


def refuse_the_future(facts: Mapping[str, Any], now: datetime, *, under: str = "") -> None:
    """Refuse what cannot have been yet; `under` is where the facts stand in the body."""
    faults = []
    if (facts.get("birth_year") or 0) > now.year:
        faults.append(FieldError(f"{under}/birth_year", "nobody was born in a year to come"))
    collected = (facts.get("collection") or {}).get("at")
    if collected is not None and collected > now + CLOCK_SLACK:
        detail = "an address was collected in the past, or now"
        faults.append(FieldError(f"{under}/collection/at", detail))
    if faults:
        raise Unprocessable("what is told has not been yet", errors=faults)


def told_by(
    body: Mapping[str, Any], configuration: Configuration, *, facts: Mapping[str, Any]
) -> Told:
    """Read who says so; a third party's word needs the date the person was told (art. 14)."""
    source = str(body.get("source") or "")
    declared = {each["slug"]: each for each in configuration.settings.get("sources", ())}
    known = declared.get(source, {})
    if known.get("requires_on_behalf_of") and not facts.get("on_behalf_of"):
        raise Unprocessable.at(
            "/on_behalf_of", "this source speaks for other people: say for whom"
        )
    return Told(
        source=source,
        actor=body.get("actor"),
        on_behalf_of=facts.get("on_behalf_of"),
        informed_at=facts.get("informed_at"),
        third_party=bool(known.get("third_party")),
    )
