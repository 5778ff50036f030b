"""Made people: who the nth of a seed is, and what became of her. Pure; nobody real."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final, NamedTuple


class Story(StrEnum):
    """What became of somebody; one word each."""

    READS = "reads"
    READS_AND_MORE = "reads_and_more"
    LEFT = "left"
    LONG_AGO = "long_ago"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    OBJECTED = "objected"
    SUPPRESSED = "suppressed"
    VISITOR = "visitor"


# Of a thousand people.
SHARES: Final = {
    Story.READS: 420,
    Story.READS_AND_MORE: 130,
    Story.LEFT: 90,
    Story.LONG_AGO: 60,
    Story.REFUSED: 60,
    Story.UNCONFIRMED: 50,
    Story.PROSPECT: 60,
    Story.CUSTOMER: 60,
    Story.OBJECTED: 20,
    Story.SUPPRESSED: 15,
    Story.VISITOR: 35,
}
# Met by somebody of the organisation: known by more than an address, and more is known.
DEALT_WITH: Final = frozenset({Story.PROSPECT, Story.CUSTOMER, Story.OBJECTED})
_STORIES: Final = tuple(story for story, share in SHARES.items() for _ in range(share))
_FIRST: Final = ("anna", "basile", "chloe", "driss", "elsa", "farid", "greta", "hugo", "ines")
_LAST: Final = ("arnou", "belval", "corvey", "dumay", "estrel", "fournel", "garrec", "hauvel")
_DOMAINS: Final = 97
# Numbers that are given to nobody (ARCEP): 01 99 00 and 06 39 98, ten thousand each.
_PREFIXES: Final = ("+3319900", "+3363998")
_NUMBERS: Final = 10_000


class Person(NamedTuple):
    """One made person."""

    number: int
    story: Story
    # Empty for a visitor, who is known by a browser alone.
    email: str
    phone: str
    external_id: str
    visitor: str
    # A fraction of the time that the base covers, and another draw for what else differs.
    when: float
    draw: int


def email_of(number: int) -> str:
    """Tell the address of the nth person; the same under every seed."""
    first = _FIRST[number % len(_FIRST)]
    last = _LAST[number // len(_FIRST) % len(_LAST)]
    return f"{first}.{last}.{number}@mail{number % _DOMAINS}.example"


def person(seed: int, number: int) -> Person:
    """Make the nth person of a seed."""
    drawn = hashlib.blake2b(f"{seed}|{number}".encode(), digest_size=32).digest()
    story = _STORIES[int.from_bytes(drawn[:4], "big") % len(_STORIES)]
    device, dealt = story is Story.VISITOR, story in DEALT_WITH
    return Person(
        number=number,
        story=story,
        email="" if device else email_of(number),
        phone=_phone(number) if dealt else "",
        external_id=f"crm-{number}" if dealt else "",
        visitor=drawn[8:24].hex() if device else "",
        when=int.from_bytes(drawn[5:8], "big") / (1 << 24),
        draw=int.from_bytes(drawn[24:28], "big"),
    )


def _phone(number: int) -> str:
    # As many as there are numbers that belong to nobody: a third of the first ones.
    place, left = divmod(number, 3)
    if left or place >= _NUMBERS * len(_PREFIXES):
        return ""
    return f"{_PREFIXES[place // _NUMBERS]}{place % _NUMBERS:04d}"
