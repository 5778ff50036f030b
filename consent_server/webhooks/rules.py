"""When to try again, and what an answer means (standards.md WH-3, WH-4). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

# Seconds before each try; ten tries over 75 h 35 min 5 s.
DELAYS: Final = (
    0,
    5,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600,
)
# Spread by up to this part of a delay, so that a receiver that comes back is not stormed.
_JITTER: Final = 0.1
_LONGEST_WISH: Final = 24 * 3600
_GONE: Final = 410
# The receiver itself is in trouble, not this message: what waits for it waits too.
_THROTTLING: Final = frozenset({429, 502, 503, 504})
_MICROS: Final = 1_000_000

TYPES: Final = (
    "consent.granted",
    "consent.refused",
    "consent.withdrawn",
    "consent.objected",
    "consent.confirmed",
    "consent.expiring",
    "consent.expired",
    "consent.superseded",
    "subject.linked",
    "subject.unlinked",
    "subject.updated",
    "subject.restricted",
    "subject.erased",
    "suppression.added",
    "suppression.lifted",
    "notice.published",
    "webhook.test",
    "webhook.disabled",
)
TEST: Final = "webhook.test"


class Outcome(StrEnum):
    """What became of one try."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GONE = "gone"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a try means: for this message, and for the others that wait for the receiver."""

    outcome: Outcome
    # Microseconds; None when there is no next try.
    next_at: int | None = None
    pause: bool = False


def judge(
    *,
    tries: int,
    status: int | None,
    retry_after: str | None,
    now: int,
    chance: float,
) -> Verdict:
    """Judge the try number `tries` (from 1) by its status, None for no answer at all.

    `now` is in microseconds; `chance`, between 0 and 1, draws the jitter. A redirect is a
    failure: it is never followed. The receiver's own wish to wait is honoured, up to a day.
    """
    if status is not None and 200 <= status < 300:
        return Verdict(outcome=Outcome.DELIVERED)
    if status == _GONE:
        return Verdict(outcome=Outcome.GONE)
    if tries >= len(DELAYS):
        return Verdict(outcome=Outcome.EXHAUSTED)
    delay = DELAYS[tries] * (1 + _JITTER * chance)
    wish = _seconds(retry_after, now)
    wait = max(delay, min(wish, _LONGEST_WISH))
    return Verdict(
        outcome=Outcome.FAILED,
        next_at=now + int(wait * _MICROS),
        pause=status is None or status in _THROTTLING or wish > 0,
    )


def _seconds(retry_after: str | None, now: int) -> float:
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_LONGEST_WISH)) + 1:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.fromtimestamp(now / _MICROS, UTC)).total_seconds())


def wants(events: tuple[str, ...], kind: str) -> bool:
    """Tell whether a receiver that named these event types gets one of this type.

    No name at all means every type; a test reaches whoever asks for it.
    """
    return kind == TEST or not events or kind in events
