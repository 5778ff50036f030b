"""What a notice room hands to others: plain values, no database behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """One use on one channel, as the catalogue in force declares it."""

    id: int
    slug: str
    kind: str
    basis: str
    channel: str
    family: str
    # ISO 8601 durations, or None for no limit.
    validity: str | None
    proof_period: str | None
    # The weakest assertion that is enough: asserted, evidenced or witnessed.
    assertion: str
    title: Mapping[str, str] = field(default_factory=dict, compare=False)
    text: Mapping[str, str] = field(default_factory=dict, compare=False)
    # The rest of the declaration, as in the organisation's file.
    declared: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def exempt(self) -> bool:
        """Tell whether it is information only: there is nothing to accept or refuse."""
        return self.basis == "exempt"


@dataclass(frozen=True, kw_only=True)
class VersionShown:
    """A published notice version, as decisions refer to it."""

    id: int
    notice_id: int
    number: int
    surface: str
    site_id: int | None
    purposes: tuple[int, ...]
    languages: tuple[str, ...]
    content_hash: str
    recorded_at: int
    body: Mapping[str, Any]
    # Editorial or material, and why (notices.rules).
    judgement: str = "material"
    because: tuple[Mapping[str, Any], ...] = ()

    @property
    def devices(self) -> str | None:
        """The rule it told people, if it says that a choice counts on all their devices."""
        return (self.body.get("scope") or {}).get("devices")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What is in force for one organisation at one moment."""

    organisation: int
    version: int
    # The organisation's own declaration (organisations.document as JSON).
    settings: Mapping[str, Any]
    purposes: Mapping[int, Purpose]
    slugs: Mapping[str, int]
    trackers: tuple[Mapping[str, Any], ...]
    # (notice id, purpose id) -> the lowest number whose consents still count.
    floors: Mapping[tuple[int, int], int]
    # Notice id -> the id of its version in force.
    current: Mapping[int, int] = field(default_factory=dict)
    # Site id -> the id of the banner version shown there.
    banners: Mapping[int, int] = field(default_factory=dict)
    # The banner notices that say so: a signed-in person's choice counts on all devices.
    devices: frozenset[int] = frozenset()
    # What others have worked out from it once; it falls with it.
    worked_out: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def country(self) -> str:
        """The organisation's country."""
        return str(self.settings.get("organisation", {}).get("country", ""))

    @property
    def device_conflict(self) -> str:
        """The organisation's rule for a signed-in person with several devices."""
        return str(self._own.get("device_conflict") or "off")

    @property
    def renewal_notice(self) -> str:
        """How long before its end a consent is told as ending."""
        return str(self._own.get("renewal_notice") or "P30D")

    @property
    def _own(self) -> Mapping[str, Any]:
        own: Mapping[str, Any] = self.settings.get("organisation", {}).get("settings", {})
        return own

    def purpose(self, name: str) -> Purpose | None:
        """Find a purpose by slug or public id."""
        number = self.slugs.get(name)
        return self.purposes.get(number) if number is not None else None
