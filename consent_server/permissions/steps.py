"""The chain of facts behind an answer: what was known, step by step. Pure.

A step is a key of the words, what fills its gaps, and the ids it speaks of. What is said of
a value (a state, a relationship, a regime) is itself a key, written `@name`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..clock import from_micros, rfc3339_micros
from ..decisions.rules import No
from ..ids import public
from ..subjects.rules import covers
from .packs.pack import five_conditions
from .regime import MARKETING
from .rules import kept_until
from .values import Because, Regime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..decisions.rules import Yes
    from ..notices.values import Purpose
    from .values import Asked, Facts, Permission, Setting


@dataclass(frozen=True, kw_only=True)
class Step:
    """One fact that the answer rests on, or that it overcame."""

    about: str
    at: int | None = None
    gaps: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Trail:
    """What the answer did not need and its explanation does."""

    # Decision -> by which door and surface.
    doors: Mapping[int, str]
    # Notice version -> its number, and the title of its notice in each language.
    versions: Mapping[int, tuple[int, Mapping[str, str]]]
    # Open links: number, since when.
    links: Sequence[tuple[int, int]]


def steps(
    facts: Facts, asked: Asked, setting: Setting, said: Permission, trail: Trail
) -> Iterator[Step]:
    """Tell the chain of facts behind an answer, in the order in which the rules read them."""
    if asked.purpose is None:
        return
    yield from _stops(facts, asked.purpose)
    if said.because is Because.ERASED:
        yield Step(about="erased")
    if facts.known:
        yield from _person(facts, setting, trail)
        yield from _said(facts, asked.purpose, trail)
    yield from _rule(facts, asked, said)
    yield from _times(facts, asked.purpose, setting, said)


def _stops(facts: Facts, purpose: Purpose) -> Iterator[Step]:
    if facts.restricted:
        yield Step(about="restricted")
    if facts.deceased:
        yield Step(about="deceased")
    for each in facts.suppressions:
        lifted = purpose.id in each.lifted
        about = "suppression_lifted" if lifted else "suppression"
        if covers(each.scope, purpose):
            scope = each.scope.partition(":")[0]
            gaps = {"scope": f"@scope.{scope}", "reason": each.reason}
            yield Step(about=about, gaps=gaps)


def _person(facts: Facts, setting: Setting, trail: Trail) -> Iterator[Step]:
    for number, since in trail.links:
        yield Step(about="link", at=since, ids={"link": public("lnk", number)})
    if facts.shared:
        yield Step(about="shared")
    capacity = facts.capacity or "unknown"
    known = {"country": facts.country or setting.country, "capacity": f"@capacity.{capacity}"}
    yield Step(about="person" if facts.country else "person_of_no_country", gaps=known)
    if facts.birth_year is not None:
        yield Step(about="birth_year", gaps={"year": facts.birth_year})
    for each in facts.relationships:
        since = each.since or each.recorded_at
        gaps: dict[str, Any] = {"kind": f"@relationship.{each.kind}"}
        about = "relationship"
        if each.until is not None:
            about, gaps["until"] = "relationship_until", from_micros(each.until)
        yield Step(about=about, at=since, gaps=gaps)
        if each.third_party:
            told = each.informed_at
            yield Step(about="informed" if told else "not_informed", at=told)


def _said(facts: Facts, purpose: Purpose, trail: Trail) -> Iterator[Step]:
    given = sorted(
        (answer for row in facts.rows for answer in (row.yes, row.no) if answer is not None),
        key=lambda answer: answer.recorded_at,
    )
    here = {row.yes for row in facts.rows if row.identifier in facts.identifiers}
    for answer in dict.fromkeys(given):
        if isinstance(answer, No):
            yield _no(answer, trail)
        else:
            yield from _yes(answer, trail, here=answer in here)
    if not given:
        claimed = bool(facts.rows)
        yield Step(
            about="claimed" if claimed else "nothing_said", gaps={"purpose": purpose.slug}
        )


def _no(no: No, trail: Trail) -> Step:
    gaps = {"state": f"@state.{no.state}", "door": f"@door.{trail.doors.get(no.decision, '')}"}
    ids = {"decision": public("dec", no.decision)}
    return Step(about="no", at=no.since or no.recorded_at, gaps=gaps, ids=ids)


def _yes(yes: Yes, trail: Trail, *, here: bool) -> Iterator[Step]:
    assertion = yes.assertion.removesuffix("_by_key")
    gaps: dict[str, Any] = {
        "assertion": f"@assertion.{assertion}",
        "door": f"@door.{trail.doors.get(yes.decision, '')}",
    }
    ids = {"decision": public("dec", yes.decision)}
    yield Step(about="yes" if here else "yes_elsewhere", at=yes.given_at, gaps=gaps, ids=ids)
    version = yes.version
    if version is not None and version in trail.versions:
        number, title = trail.versions[version]
        shown = {"number": number, "title": title}
        yield Step(about="words", gaps=shown, ids={"notice_version": public("ntv", version)})


def _rule(facts: Facts, asked: Asked, said: Permission) -> Iterator[Step]:
    cell, purpose = said.cell, asked.purpose
    if cell is None or purpose is None:
        return
    gaps = {
        "regime": f"@regime.{cell.regime.value}",
        "law": cell.law,
        "pack": said.pack,
        "basis": f"@basis.{purpose.basis}",
        "channel": f"@channel.{purpose.channel}",
    }
    prospecting = purpose.kind in MARKETING
    yield Step(about="rule" if prospecting else "rule_of_basis", gaps=gaps)
    if cell.regime is Regime.SOFT_OPT_IN:
        met = [each for each in facts.collections if five_conditions(each, 1 << 62)]
        yield Step(about="five_conditions", at=met[0].at if met else None)
    if said.because is Because.MINOR:
        yield Step(about="minor")


def _times(
    facts: Facts, purpose: Purpose, setting: Setting, said: Permission
) -> Iterator[Step]:
    if said.expires_at is not None:
        yield Step(about="expiry", at=said.expires_at)
    if facts.last_contact is not None:
        yield Step(about="contact", at=facts.last_contact)
    limits = [
        limit for each in facts.relationships if (limit := kept_until(each, facts, setting))
    ]
    if limits:
        yield Step(about="retention", at=max(limits))
    tried = [each for each in facts.attempts if each.channel == purpose.channel]
    if tried:
        last = max(tried, key=lambda each: each.at)
        yield Step(about="attempts", at=last.at, gaps={"count": len(tried)})
    yield from _chosen(facts, purpose)
    if said.because is Because.NOT_NOW:
        then = said.next_permitted_at
        yield Step(about="not_now" if then else "not_any_more", at=then)
    if said.because is Because.SUPERSEDED:
        yield Step(about="floor")


def _chosen(facts: Facts, purpose: Purpose) -> Iterator[Step]:
    for pause in facts.pauses:
        if covers(pause.scope, purpose):
            yield Step(about="pause", at=pause.until)
    for cap in facts.caps:
        if covers(cap.scope, purpose):
            yield Step(about="cap", gaps={"most": cap.most, "within": cap.within})


def as_told(step: Step, words: Mapping[str, Any]) -> dict[str, Any]:
    """Write a step as the contract has it, without its words."""
    told: dict[str, Any] = {"about": step.about}
    if step.at is not None:
        told["at"] = rfc3339_micros(step.at)
    return {**told, **step.ids, **words}
