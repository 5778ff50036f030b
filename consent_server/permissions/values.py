"""What is asked, what is known, and what is answered. Plain values; times are microseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..decisions.rules import Row
    from ..notices.values import Purpose
    from ..organisations.document.law import Bounds
    from .packs import Cell


class Because(StrEnum):
    """The one reason of an answer; a closed list that only grows (design.md §6)."""

    CONSENT = "consent"
    SOFT_OPT_IN = "soft_opt_in"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    EXEMPT = "exempt"
    NEVER_ASKED = "never_asked"
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    SUPPRESSED = "suppressed"
    RESTRICTED = "restricted"
    DECEASED = "deceased"
    MINOR = "minor"
    PAST_RETENTION = "past_retention"
    ERASED = "erased"
    UNPROVEN = "unproven"
    NOT_NOW = "not_now"
    INFORMATION_MISSING = "information_missing"
    REGIME_FORBIDS = "regime_forbids"
    UNKNOWN_PURPOSE = "unknown_purpose"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


YES = frozenset(
    {
        Because.CONSENT,
        Because.SOFT_OPT_IN,
        Because.LEGITIMATE_INTEREST,
        Because.CONTRACT,
        Because.LEGAL_OBLIGATION,
        Because.EXEMPT,
    }
)


class Regime(StrEnum):
    """The rule a pack chose for the question; a closed list that only grows."""

    CONSENT = "consent"
    SOFT_OPT_IN = "soft_opt_in"
    B2B_OPT_OUT = "b2b_opt_out"
    OPT_OUT = "opt_out"
    CONTRACT = "contract"
    OBLIGATION = "obligation"
    EXEMPT = "exempt"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, kw_only=True)
class Relationship:
    """What the person is to the organisation, and since when."""

    kind: str
    recorded_at: int
    since: int | None = None
    until: int | None = None
    contract: bool = False
    third_party: bool = False
    informed_at: int | None = None

    def current(self, now: int) -> bool:
        """Tell whether it holds at a moment."""
        return (self.since or self.recorded_at) <= now and (
            self.until is None or now < self.until
        )


@dataclass(frozen=True, kw_only=True)
class Collection:
    """How an address was obtained: the conditions of the soft opt-in (standards.md PRO-2)."""

    direct: bool = False
    in_sale: bool = False
    same_seller: bool = False
    similar: bool = False
    refusal_offered: bool = False
    at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt by us to reach the person, and whether she refused to be asked again."""

    at: int
    channel: str
    refused: bool = False
    # What it was for, if that was said.
    purpose: int | None = None


@dataclass(frozen=True, kw_only=True)
class Pause:
    """What the person asked: nothing of this scope until a moment."""

    scope: str
    until: int


@dataclass(frozen=True, kw_only=True)
class Cap:
    """What the person asked: of this scope no more than so many in a period."""

    scope: str
    most: int
    within: str


@dataclass(frozen=True, kw_only=True)
class Suppressed:
    """An open suppression of the address, and the purposes the person opened again."""

    scope: str
    reason: str
    lifted: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long a relationship's data may be kept, and from when it counts."""

    period: str
    counts_from: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything known that bears on one question."""

    known: bool = False
    # The identifiers asked: one, or the same shared one with each who shares it.
    identifiers: frozenset[int] = frozenset()
    shared: bool = False
    # Of a device: the identifiers of the account that is signed in there.
    account: frozenset[int] = frozenset()
    rows: tuple[Row, ...] = ()
    suppressions: tuple[Suppressed, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    collections: tuple[Collection, ...] = ()
    capacity: str | None = None
    country: str | None = None
    birth_year: int | None = None
    restricted: bool = False
    deceased: bool = False
    last_contact: int | None = None
    attempts: tuple[Attempt, ...] = ()
    pauses: tuple[Pause, ...] = ()
    caps: tuple[Cap, ...] = ()
    # Until when it is remembered that whoever had this address was erased; 0 if it is not.
    erased_until: int = 0


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the organisation declared that bears on the question."""

    country: str
    # (notice, purpose) -> lowest number whose consents still count.
    floors: Mapping[tuple[int, int], int] = field(default_factory=dict)
    retention: Mapping[str, Retention] = field(default_factory=dict)
    # What the organisation tightens of the law's own figures.
    age_of_consent: int = 0
    phone_limit: str | None = None
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    # The notices that say that a signed-in person's choice counts on all her devices, and
    # whose choice counts where two differ.
    devices: frozenset[int] = frozenset()
    device_conflict: str = "off"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question: a purpose as named, the one it is (if known), and the channel."""

    name: str
    purpose: Purpose | None
    channel: str | None = None
    # Where the number asked belongs to: its time zone is the person's (standards.md ID-7).
    territory: str | None = None


@dataclass(frozen=True, kw_only=True)
class Permission:
    """The answer: allowed or not, because of one reason, under a regime."""

    because: Because
    regime: Regime | None = None
    basis: str | None = None
    decision: int | None = None
    # The notice version under which the yes was given.
    version: int | None = None
    since: int | None = None
    expires_at: int | None = None
    next_permitted_at: int | None = None
    # The rule of the pack that was applied, for an explanation.
    cell: Cell | None = None
    pack: str | None = None

    @property
    def allowed(self) -> bool:
        """A yes is a reason from the list of yeses; everything else is no."""
        return self.because in YES
