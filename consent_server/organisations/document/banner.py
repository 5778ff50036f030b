"""How a site's banner stands on its pages, and what it does there beside asking."""

from dataclasses import dataclass

from .scalars import CookieName, Domain, SitePath
from .vocabulary import ColourScheme, Layout, PrivacySignal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceCookie:
    """The one first-party cookie that remembers the choice."""

    name: CookieName = "consent"
    # Shares the choice among sub-domains; without it, each host remembers its own.
    domain: Domain | None = None


DEFAULT_COOKIE = ChoiceCookie()


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """The settings of a site's banner; whatever is left out is as written here."""

    layout: Layout = Layout.BAR
    # A modal banner holds the page until it is answered or closed; closing chooses nothing.
    modal: bool = False
    colours: ColourScheme = ColourScheme.AUTO
    logo: SitePath | None = None
    cookie: ChoiceCookie = DEFAULT_COOKIE
    # These two are in force only with the line for the page's head.
    auto_block: bool = False
    network_guard: bool = False
    # Whether ?consent-debug opens the developers' panel.
    debug: bool = False
    statistics: bool = True
    # What a privacy signal does on this site; without it, what the organisation says.
    gpc: PrivacySignal | None = None


DEFAULT_BANNER = Banner()
