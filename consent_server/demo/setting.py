"""What the past of each organisation is made with: its span, and its file's own words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from .sites import read_organisation

if TYPE_CHECKING:
    from ..organisations.document import OrganisationDocument

# Longer than a year, so that a consent to calls, which holds a year, has had time to end.
_LENGTH: Final = timedelta(days=400)
# Recent enough for the choices made shortly before it not to have expired by themselves.
_CHANGE: Final = timedelta(days=120)


@dataclass(frozen=True)
class Span:
    """The time that the past covers."""

    ends: datetime

    @property
    def begins(self) -> datetime:
        """When the organisations begin to be served."""
        return self.ends - _LENGTH

    @property
    def changes(self) -> datetime:
        """When the banner takes its present form."""
        return self.ends - _CHANGE

    def back(self, days: float) -> datetime:
        """Count days back from the end."""
        return self.ends - timedelta(days=days)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """Which tracker belonged to another company until the banner changed."""

    tracker: str
    provider: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One organisation as the author of its past needs to know it."""

    slug: str
    seller: str
    earlier: Earlier
    # How much of its public deals as professionals.
    professionals: float
    # Sources, as its file names them.
    from_form: str
    from_meeting: str
    from_third_party: str
    # A letter and an offer that need no consent, only the absence of a no.
    letter: str
    offer: str
    from_call: str = "phone-call"
    from_contract: str = "contract"
    from_employer: str = "employer"
    banner: str = "site-banner"
    form: str = "contact-form"
    trackers: tuple[str, ...] = ("analytics", "advertising", "video")


SETTINGS: Final = (
    Setting(
        slug="cubalys",
        seller="Cubalys SAS",
        earlier=Earlier(tracker="adlantern", provider="Adlantern Studio Limited"),
        professionals=0.9,
        from_form="website-form",
        from_meeting="meeting",
        from_third_party="google-api",
        letter="newsletter.professional",
        offer="customer_offers",
    ),
    Setting(
        slug="hebergis",
        seller="Hébergis SAS",
        earlier=Earlier(tracker="broadhail", provider="Hailstone Media, Inc."),
        professionals=0.4,
        from_form="contact-form",
        from_meeting="trade-show",
        from_third_party="reseller",
        letter="newsletter.customers",
        offer="promotions",
    ),
)


def document_of(setting: Setting, *, origin: str, earlier: bool) -> OrganisationDocument:
    """Read an organisation's file, as it is now or as it was before its banner changed.

    Earlier, one tracker belonged to a company of another name: that another one reads the
    device is a material change, for the purpose that this tracker serves and no other.
    """
    document = read_organisation(setting.slug, origin=origin)
    if not earlier:
        return document
    was = setting.earlier
    trackers = tuple(
        replace(each, provider=was.provider) if each.slug == was.tracker else each
        for each in document.trackers
    )
    return replace(document, trackers=trackers)
