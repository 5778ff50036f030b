"""How much mail one mailbox gets, and when to try again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MICROS: Final = 1_000_000
# Seconds before the next try, by how many there were; the last one repeats. A server that
# lists in grey wants a few minutes, one that is down a few hours.
DELAYS: Final = (60, 5 * 60, 15 * 60, 30 * 60, 3600, 2 * 3600)
# A link that arrives after days helps nobody: what has not left by then is given up.
LIFE: Final = 3 * 24 * 3600 * _MICROS
_JITTER: Final = 0.1
# How long a message that has left is known, without its text: mail servers report late.
KEPT: Final = 30 * 24 * 3600 * _MICROS


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    # The server said no, for good, to this message.
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    BOUNCED = "bounced"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came of a try: a code of SMTP if there was one, and one word."""

    code: int | None
    word: str
    # The server, or our way to it, is in trouble: every other message would meet the same.
    server: bool = False

    def said(self) -> str:
        """Say it in a word and a number."""
        return f"{self.word} {self.code}" if self.code else self.word


SENT: Final = Reply(code=250, word="accepted")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a try means for the message."""

    state: State
    # Microseconds; None when there is no next try.
    next_at: int | None = None


def judge(reply: Reply, *, tries: int, recorded_at: int, now: int, chance: float) -> Verdict:
    """Judge a try; `tries` counts those before it, `chance` (0 to 1) draws the jitter.

    A permanent no to the message ends it; one to us (a wrong password) may be mended.
    """
    if reply.code is not None and 200 <= reply.code < 300:
        return Verdict(state=State.SENT)
    if reply.code is not None and reply.code >= 500 and not reply.server:
        return Verdict(state=State.REFUSED)
    delay = DELAYS[min(tries, len(DELAYS) - 1)] * (1 + _JITTER * chance)
    next_at = now + int(delay * _MICROS)
    if next_at > recorded_at + LIFE:
        return Verdict(state=State.GIVEN_UP)
    return Verdict(state=State.WAITING, next_at=next_at)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What has left already, of one kind of message."""

    # To the mailbox about the same thing, within the pause; about anything, today.
    same_lately: int
    mailbox_today: int
    domain_lately: int


def within(spent: Spent, *, mailbox_a_day: int, domain_an_hour: int) -> bool:
    """Tell whether one more message may leave that somebody else may have set off."""
    return (
        spent.same_lately == 0
        and spent.mailbox_today < mailbox_a_day
        and spent.domain_lately < domain_an_hour
    )


DAY: Final = 24 * 3600 * _MICROS
HOUR: Final = 3600 * _MICROS


def mailbox_of(address: str) -> tuple[str, str]:
    """Give the mailbox behind an address, as budgets count it, and its domain.

    Tags and dots lead to the same mailbox at many hosts; counting them as one costs
    somebody else a mail at worst, counting them apart would let a bomb through.
    """
    local, _, domain = address.casefold().rpartition("@")
    plain = local.partition("+")[0].replace(".", "")
    return f"{plain or local}@{domain}", domain
