"""What people are asked about and told: sites, purposes, trackers, notices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from .banner import Banner
from .people import RetentionRule
from .scalars import (
    Colour,
    Country,
    Lifetime,
    Origin,
    Period,
    Pixels,
    PurposeSlug,
    RecipientSlug,
    RelationshipName,
    SiteSlug,
    Slug,
    Term,
    Text,
    Url,
    Words,
)
from .signals import Markup, Signals
from .vocabulary import (
    Assertion,
    Basis,
    Channel,
    Exemption,
    Kind,
    Party,
    Regime,
    Safeguard,
    Sector,
    Storage,
    Surface,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The colours of the banner, readable on each other."""

    accent: Colour
    text: Colour
    background: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme(Colours):
    """How the banner dresses on a site; `dark` where the visitor prefers dark pages."""

    radius: Pixels | None = None
    dark: Colours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A website, by the exact origins its pages are served from."""

    slug: Slug
    name: Text
    origins: tuple[Origin, ...]
    # Sites with the same scope share tracker choices, and say so on their first layer.
    scope: Slug
    theme: Theme | None = None
    banner: Banner | None = None
    signals: Signals | None = None
    markup: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One use on one channel, with its legal basis."""

    slug: Slug
    channel: Channel
    kind: Kind
    basis: Basis
    title: Words
    text: Words
    # The same use over several channels; the slug itself if it stands alone.
    family: Slug | None = None
    validity: Period | None = None
    proof_period: Period | None = None
    # The weakest assertion of a yes that is enough.
    assertion: Assertion = Assertion.WITNESSED
    # Consent to special categories of data needs a second confirmation (GDPR art. 9).
    explicit: bool = False
    regimes: tuple[Regime, ...] = ()
    sector: Sector | None = None
    relationships: tuple[RelationshipName, ...] = ()
    # The interest pursued, or the law obeyed (GDPR art. 13(1)(c) and (d)).
    grounds: Words | None = None
    opt_out: Words | None = None
    exemption_reason: Exemption | None = None
    recipients: tuple[RecipientSlug, ...] = ()
    retention: RetentionRule | None = None
    dpv: Term | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """What a tracker writes, and for how long; a `*` ending a name stands for anything."""

    name: Text
    lifetime: Lifetime
    party: Party = Party.FIRST
    storage: Storage = Storage.COOKIE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """A service that reads or writes on the device."""

    slug: Slug
    name: Text
    provider: Text
    country: Country
    safeguard: Safeguard
    privacy_url: Url
    purposes: tuple[PurposeSlug, ...]
    cookies: tuple[Cookie, ...] = ()
    hosts: tuple[Text, ...] = ()
    exemption_reason: Exemption | None = None
    # How long what it gathers is kept by its provider.
    data_kept: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A headed passage of a notice."""

    heading: Text
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWords:
    """The words of a notice in one language."""

    title: Text
    intro: Text
    sections: tuple[Passage, ...] = ()
    closing: Text | None = None


WordsByLanguage = Annotated[Mapping[str, NoticeWords], "WordsByLanguage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The words for one surface."""

    slug: Slug
    surface: Surface
    purposes: tuple[PurposeSlug, ...]
    words: WordsByLanguage
    site: SiteSlug | None = None
