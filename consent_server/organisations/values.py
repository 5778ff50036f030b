"""What this room hands to others: plain values, no database behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Scope(StrEnum):
    """What a key may do; a key made by another key never has more than its maker."""

    RECORD = "record"
    SUPPRESS = "suppress"
    ERASE = "erase"
    LOOKUP = "lookup"
    LINKS = "links"
    EVENTS = "events"
    WEBHOOKS = "webhooks"
    CONFIGURE = "configure"
    KEYS = "keys"
    IMPORTS = "imports"
    EXPORTS = "exports"
    PROOFS = "proofs"
    # Of the trackers that the key names, and of nothing else.
    PROOFS_PARTNER = "proofs:partner"
    AUDIT = "audit"
    STATISTICS = "statistics"
    METRICS = "metrics"
    HOST = "host"


@dataclass(frozen=True)
class Caller:
    """The system behind a request: whose it is, by which key, and what it may do."""

    organisation: int
    key_id: str
    scopes: frozenset[str]
    # Its own rates, where they are not those of the deployment: `{"lookups": "600/minute"}`.
    quotas: Mapping[str, str] = field(default_factory=dict, compare=False)
    # The trackers (slugs) whose proofs a partner's key may fetch.
    trackers: frozenset[str] = frozenset()

    @property
    def actor(self) -> str:
        """Name the caller for the audit trail."""
        return f"key:{self.key_id}"


@dataclass(frozen=True, kw_only=True)
class SiteInForce:
    """A website as its organisation declares it now."""

    organisation: int
    id: int
    slug: str
    name: str
    origins: frozenset[str]
    scope: str
    # Whether answers are counted, without people.
    statistics: bool = True


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """What a key to be made is called, may do, and until when."""

    name: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None
    quotas: Mapping[str, str] = field(default_factory=dict)
    trackers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Declaration:
    """What an organisation declares of itself, and which revision says so."""

    number: int
    recorded_at: int
    body: dict[str, Any]
