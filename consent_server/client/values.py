"""What the server answers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

UNAVAILABLE: Final = "unavailable"
# Reasons that never allow; the server's list may grow, these stay what they are.
_NOES: Final = frozenset(
    {
        "never_asked",
        "unconfirmed",
        "refused",
        "withdrawn",
        "objected",
        "expired",
        "superseded",
        "suppressed",
        "restricted",
        "deceased",
        "minor",
        "past_retention",
        "erased",
        "unproven",
        "not_now",
        "information_missing",
        "regime_forbids",
        "unknown_purpose",
        "unreadable",
        UNAVAILABLE,
    }
)


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Allowed or not, because of one reason; true in a condition only if allowed.

    `trouble` says, for a no that is no answer of the server's, what went wrong.
    """

    allowed: bool
    because: str
    purpose: str | None = None
    channel: str | None = None
    basis: str | None = None
    regime: str | None = None
    subject: str | None = None
    decision: str | None = None
    notice_version: str | None = None
    since: str | None = None
    expires_at: str | None = None
    as_of: str | None = None
    max_age: int | None = None
    next_permitted_at: str | None = None
    clearance: str | None = None
    trouble: str | None = None

    def __bool__(self) -> bool:
        return self.allowed

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """Read an answer; raises `ValueError` unless it is one beyond doubt."""
        allowed, because = body["allowed"], body["because"]
        if not isinstance(allowed, bool) or not isinstance(because, str) or not because:
            raise ValueError("the answer is not a permission")
        if allowed and because in _NOES:
            raise ValueError("the answer contradicts itself")
        known = {each.name for each in fields(cls)} - {"trouble"}
        return cls(**{name: value for name, value in body.items() if name in known})

    @classmethod
    def doubt(cls, trouble: str, purpose: str | None = None) -> Self:
        """Say no because nobody could say yes."""
        return cls(allowed=False, because=UNAVAILABLE, purpose=purpose, trouble=trouble)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A decision that was committed and flushed to disk."""

    id: str
    subject: str
    receipt: str
    recorded_at: str
    token: str
    # Purpose -> the standing it made.
    standing: Mapping[str, str]
    ask_again: tuple[str, ...] = ()

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """Read the answer to a decision."""
        return cls(
            id=body["id"],
            subject=body["subject"],
            receipt=body["receipt"],
            recorded_at=body["recorded_at"],
            token=body["token"],
            standing=dict(body["standing"]),
            ask_again=tuple(body.get("ask_again", ())),
        )


@dataclass(frozen=True, kw_only=True)
class Link:
    """An unsubscribe link and the two headers of the message that carries it."""

    url: str
    headers: Mapping[str, str]

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """Read one link."""
        return cls(url=body["url"], headers=dict(body["headers"]))


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that changed; keep `seq` to go on from here, and `id` to know it again."""

    seq: int
    id: str
    type: str
    recorded_at: str
    subject: str | None
    external_ids: tuple[str, ...]
    purpose: str | None
    channel: str | None
    standing: str | None
    because: str | None
    decision: str | None
    # All of it, as it came.
    body: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """Read one event of the feed."""
        return cls(
            seq=body["seq"],
            id=body["id"],
            type=body["type"],
            recorded_at=body["recorded_at"],
            subject=body["subject"],
            external_ids=tuple(body["external_ids"]),
            purpose=body["purpose"],
            channel=body["channel"],
            standing=body["standing"],
            because=body["because"],
            decision=body["decision"],
            body=dict(body),
        )
