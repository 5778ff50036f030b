"""Shapes: people whom the rules cannot tell apart have the same one. Pure.

What is each person's own (which decision, since when, until when) stands beside her shape.
Everything else that the rules read is in it, times as what follows from them, and so it
holds from one moment to another. Who is not plain has none: she is answered from the facts.
"""

from __future__ import annotations

import hashlib
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from ....clock import rfc3339_micros
from ....decisions.rules import stands
from ....ids import public
from ...rules import kept_until, past_retention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....decisions.rules import Stands
    from ...values import Collection, Facts, Relationship, Setting

Key = tuple[int, int]
_HALF: Final = 1 << 63
_TWO: Final = Struct(">QQ").unpack_from


class Told(NamedTuple):
    """What is kept for one identifier and purpose."""

    shape: int
    tail: str
    expires_at: int | None
    since: int | None
    until: int | None


def key_of(hashed: bytes) -> Key:
    """Give the two numbers of a keyed hash; the first keeps the order of the hashes."""
    first, rest = _TWO(hashed)
    return first - _HALF, rest - _HALF


def is_plain(facts: Facts) -> bool:
    """Tell whether nothing is known that only the facts themselves can answer."""
    alone = facts.known and len(facts.identifiers) == 1 and not facts.shared
    return alone and not (facts.pauses or facts.caps or facts.account)


def brief(facts: Facts, setting: Setting, now: int) -> Told:
    """Write the brief of a plain person's standing for one purpose, as seen at a moment.

    Not of call purposes nor of trackers: who asks about those does not read it.
    """
    stood = stands(facts.rows, facts.identifiers, alone=False)
    moments = sorted(set(_moments(facts, setting)))
    before = [each for each in moments if each <= now]
    after = [each for each in moments if each > now]
    yes = stood.yes if stood.no is None else None
    said = yes and (yes.notice, yes.number, yes.assertion)
    text = repr((stood.state, said, _known(facts, setting, now)))
    return Told(
        shape=int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) - _HALF,
        tail=_tail(stood),
        expires_at=yes.expires_at if yes else None,
        since=before[-1] if before else None,
        until=after[0] if after else None,
    )


def _tail(stood: Stands) -> str:
    no, yes = stood.no, stood.yes
    if no is not None:
        return f"{public('dec', no.decision)},{rfc3339_micros(no.since or no.recorded_at)},"
    if yes is None:
        return ",,"
    until = rfc3339_micros(yes.expires_at) if yes.expires_at is not None else ""
    return f"{public('dec', yes.decision)},{rfc3339_micros(yes.given_at)},{until}"


def _known(facts: Facts, setting: Setting, now: int) -> tuple[object, ...]:
    return (
        sorted({_relation(each, now) for each in facts.relationships}),
        sorted({_collected(each, now) for each in facts.collections}),
        facts.capacity,
        facts.country,
        facts.birth_year,
        past_retention(facts, setting, now),
        facts.restricted,
        facts.deceased,
        sorted((each.scope, each.reason, sorted(each.lifted)) for each in facts.suppressions),
    )


def _relation(each: Relationship, now: int) -> tuple[str, bool, bool, bool, bool]:
    told = each.informed_at is not None and each.informed_at <= now
    return each.kind, each.contract, each.third_party, told, each.current(now)


def _collected(each: Collection, now: int) -> tuple[bool, ...]:
    stated = each.at is None or each.at <= now
    five = (each.direct, each.in_sale, each.same_seller, each.similar, each.refusal_offered)
    return (*five, stated)


def _moments(facts: Facts, setting: Setting) -> Iterator[int]:
    """Give each moment at which time alone makes something else of the facts."""
    for each in facts.relationships:
        yield each.since or each.recorded_at
        for moment in (each.until, each.informed_at, kept_until(each, facts, setting)):
            if moment is not None:
                yield moment
    for collected in facts.collections:
        if collected.at is not None:
            yield collected.at
