"""The base: the organisation that made people are recorded for, and what its doors need."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from .. import notices
from ..decisions.pattern import Pattern
from ..organisations import sites_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..db import Transaction
    from ..decisions.values import NewDecision
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, VersionShown

_FORM: Final = "contact-form"
# How long ago the base begins.
BEGINS: Final = timedelta(days=5 * 365)


@dataclass(frozen=True)
class Base:
    """The organisation that people are recorded for, and what its doors need."""

    keys: OrganisationKeys
    configuration: Configuration
    receipt_key: bytes
    log: str
    # When the base ends; nothing in it is later.
    ends: datetime
    form: VersionShown
    banner: VersionShown
    site: int
    patterns: dict[tuple[str, int], Pattern] = field(default_factory=dict)
    hashers: dict[str, Callable[[str], bytes]] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        tx: Transaction,
        keys: OrganisationKeys,
        receipt_key: bytes,
        log: str,
        now: datetime,
    ) -> Base:
        """Read what the organisation has declared."""
        organisation = keys.organisation
        (site, *_) = sites_of(tx, organisation)
        banner = notices.banner_of(tx, organisation, site.id)
        (form,) = (
            shown
            for notice in notices.notices(tx, organisation)
            if notice.slug == _FORM
            and (shown := notices.current(tx, organisation, notice.id)) is not None
        )
        if banner is None:
            raise LookupError("the organisation has no banner")
        configuration = notices.configuration(tx, organisation)
        return cls(keys, configuration, receipt_key, log, now, form, banner, site.id)

    def hasher(self, kind: str) -> Callable[[str], bytes]:
        """Give what hashes identifiers of a kind."""
        found = self.hashers.get(kind)
        if found is None:
            found = self.hashers[kind] = self.keys.hasher(kind)
        return found

    def pattern(self, name: str, more: int, make: Callable[[], NewDecision]) -> Pattern:
        """Give what all who answer alike have in common."""
        found = self.patterns.get((name, more))
        if found is None:
            said = make()
            pattern = Pattern(said, said.version, self.configuration)
            found = self.patterns[name, more] = pattern
        return found
