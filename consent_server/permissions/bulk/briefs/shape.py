"""Shapes: people whom the rules cannot tell apart have the same one. Pure.

What is each person's own (which decision, since when, until when) stands beside her shape.
Everything else that the rules read is in it, times as what follows from them, and so it
holds from one moment to another. Who is not plain has none: she is answered from the facts.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ....clock import rfc3339_micros
from ....ids import public
from ...rules import kept_until, past_retention

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from ....decisions.rules import Stands
    from ...values import Collection, Facts, Relationship, Setting

# A brief: what verifies it, the shape while nothing stands for a purpose, and for each purpose
# for which something does, after a mark: the purpose, the shape, and a tail.
MARK: Final = ";"
PURPOSE: Final = 8
SHAPE: Final = 10
NOTHING: Final = ",,"
# Of which names and shapes are made.
LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
ALWAYS: Final = (-(1 << 63), (1 << 63) - 1)


class Known(NamedTuple):
    """What the rules read of somebody whatever the purpose, and between which moments."""

    said: tuple[Any, ...]
    since: int
    until: int


def is_plain(facts: Facts) -> bool:
    """Tell whether nothing is known that only the facts themselves can answer."""
    alone = facts.known and len(facts.identifiers) == 1 and not facts.shared
    return alone and not (facts.pauses or facts.caps or facts.account)


def known(facts: Facts, setting: Setting, now: int) -> Known:
    """Tell what is known of a plain person beside her choices, as seen at a moment."""
    moments = sorted(set(_moments(facts, setting)))
    before = [each for each in moments if each <= now]
    after = [each for each in moments if each > now]
    return Known(
        _known(facts, setting, now),
        since=before[-1] if before else ALWAYS[0],
        until=after[0] if after else ALWAYS[1],
    )


def shape_of(stood: Stands, said: Hashable) -> str:
    """Name the shape of what stands for one purpose, with what else is known.

    Not of call purposes nor of trackers: who asks about those does not read it.
    """
    yes = stood.yes if stood.no is None else None
    return _name(stood.state, yes and (yes.notice, yes.number, yes.assertion), said)


@lru_cache(maxsize=1 << 14)
def _name(*said: Hashable) -> str:
    return _letters(repr(said).encode(), SHAPE)


@lru_cache(maxsize=1 << 10)
def purpose_name(purpose: int) -> str:
    """Name a purpose within a brief."""
    return _letters(str(purpose).encode(), PURPOSE)


def _letters(told: bytes, most: int) -> str:
    return b64encode(hashlib.blake2b(told, digest_size=18).digest()).decode()[:most]


def tail_of(stood: Stands) -> str:
    """Write decision, since and expires_at as a list does."""
    no, yes = stood.no, stood.yes
    if no is not None:
        return f"{public('dec', no.decision)},{rfc3339_micros(no.since or no.recorded_at)},"
    if yes is None:
        return NOTHING
    until = rfc3339_micros(yes.expires_at) if yes.expires_at is not None else ""
    return f"{public('dec', yes.decision)},{rfc3339_micros(yes.given_at)},{until}"


def _known(facts: Facts, setting: Setting, now: int) -> tuple[Any, ...]:
    suppressed = (
        (each.scope, each.reason, *sorted(each.lifted)) for each in facts.suppressions
    )
    return (
        tuple(sorted({_relation(each, now) for each in facts.relationships})),
        tuple(sorted({_collected(each, now) for each in facts.collections})),
        facts.capacity,
        facts.country,
        facts.birth_year,
        past_retention(facts, setting, now),
        facts.restricted,
        facts.deceased,
        tuple(sorted(set(suppressed))),
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
