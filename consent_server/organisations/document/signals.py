"""What a site tells other companies' tags about the answers, and whose markup it carries."""

from dataclasses import dataclass

from .scalars import Identifier, Milliseconds, PurposeSlug, Text
from .vocabulary import MarkupVendor, PianoMode

Purposes = tuple[PurposeSlug, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSignals:
    """Google Consent Mode v2: the purposes that must all be granted for each signal."""

    ad_storage: Purposes = ()
    ad_user_data: Purposes = ()
    ad_personalization: Purposes = ()
    analytics_storage: Purposes = ()
    functionality_storage: Purposes = ()
    personalization_storage: Purposes = ()
    security_storage: Purposes = ()
    wait_for_update: Milliseconds = "500"
    ads_data_redaction: bool = True
    # Puts click identifiers into the addresses of the site's own links.
    url_passthrough: bool = False
    # Who answers for letting Google's tags run, and Google be asked, before the choice
    # (EDPB guidelines 2/2023); nobody: tags wait, which is Google's basic mode.
    advanced_signed_by: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrosoftSignals:
    """Microsoft Advertising (UET) and Clarity."""

    ad_storage: Purposes = ()
    analytics_storage: Purposes = ()
    uet: bool = True
    clarity: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaSignals:
    """The Meta pixel."""

    purposes: Purposes


@dataclass(frozen=True, slots=True, kw_only=True)
class MatomoSignals:
    """Matomo: visits wait for consent, or only its cookies do."""

    purposes: Purposes
    cookies_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PianoSignals:
    """Piano Analytics, and its mode while there is no yes."""

    purposes: Purposes
    without_consent: PianoMode = PianoMode.OPT_OUT
    queue: Identifier = "_paq"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLayer:
    """The list in which a tag manager hears events."""

    name: Identifier = "dataLayer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Who is told about the answers on a site."""

    google: GoogleSignals | None = None
    microsoft: MicrosoftSignals | None = None
    meta: MetaSignals | None = None
    matomo: MatomoSignals | None = None
    piano: PianoSignals | None = None
    data_layer: DataLayer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What another banner calls a category or a service, and the purpose it is for us."""

    name: Text
    purpose: PurposeSlug


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """The markup of another banner, still on the pages of a site."""

    vendor: MarkupVendor
    means: tuple[Meaning, ...] = ()
