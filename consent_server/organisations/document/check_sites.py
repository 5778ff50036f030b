"""What a site's addresses, colours and banner must agree on."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from .banner import DEFAULT_COOKIE, ChoiceCookie
from .catalogue import Colours, Site
from .contrast import contrast, nearest_readable
from .reading import Reading
from .source import Node

# WCAG 2.2, 1.4.3. All three colours carry words or are read against each other: the accent
# is the buttons' ground and their border, so what 1.4.11 asks of controls (3 to 1) is in it.
LEAST_CONTRAST = 4.5


def check_sites(reading: Reading) -> None:
    """Note what is wrong with each site, and between sites."""
    _origins(reading)
    _colours(reading)
    sites = list(reading.placed(Site))
    for node, site in sites:
        _cookie_reaches_its_site(reading, node, site)
    _cookies_agree(reading, sites)


def _origins(reading: Reading) -> None:
    owner: dict[str, str] = {}
    for node, site in reading.placed(Site):
        if not site.origins:
            detail = "name the addresses its pages are served from, one at least"
            reading.fail(node, detail, field="origins")
        for origin in site.origins:
            if origin in owner:
                detail = f"`{origin}` already belongs to the site `{owner[origin]}`"
                reading.fail(node, detail, field="origins")
            owner.setdefault(origin, site.slug)


def _colours(reading: Reading) -> None:
    for node, colours in reading.placed(Colours):
        for field in ("accent", "text"):
            colour = getattr(colours, field)
            ratio = contrast(colour, colours.background)
            if ratio < LEAST_CONTRAST:
                mended = nearest_readable(colour, colours.background, LEAST_CONTRAST)
                detail = (
                    f"its contrast with the background is {ratio:.2f} to 1; make it"
                    f" {LEAST_CONTRAST} at least, so that everyone can read:"
                    f' the nearest that does is "{mended}"'
                )
                reading.fail(node, detail, field=field)


def _cookie(site: Site) -> ChoiceCookie:
    return site.banner.cookie if site.banner else DEFAULT_COOKIE


def _hosts(site: Site) -> Iterator[str]:
    return (urlsplit(origin).hostname or "" for origin in site.origins)


def _covers(domain: str, host: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _fail_cookie(reading: Reading, node: Node, detail: str, *, field: str) -> None:
    """Note it at the field, or at what would hold it where the file leaves it out."""
    banner = node.child("banner")
    cookie = banner.child("cookie") if banner else None
    if cookie is not None:
        reading.fail(cookie, detail, field=field)
    elif banner is not None:
        reading.fail(banner, detail, field="cookie")
    else:
        reading.fail(node, detail, field="banner")


def _cookie_reaches_its_site(reading: Reading, node: Node, site: Site) -> None:
    domain = _cookie(site).domain
    for host in _hosts(site):
        if domain is not None and not _covers(domain, host):
            detail = (
                f"pages of `{host}` may not keep a cookie for `{domain}`; write a domain that"
                " all origins of the site end with"
            )
            _fail_cookie(reading, node, detail, field="domain")


def _cookies_agree(reading: Reading, sites: list[tuple[Node, Site]]) -> None:
    for index, (node, site) in enumerate(sites):
        for _, other in sites[:index]:
            if site.scope == other.scope and _cookie(site).name != _cookie(other).name:
                detail = (
                    f"`{other.slug}` shares its choices with this site, under the cookie"
                    f" `{_cookie(other).name}`; name the same"
                )
                _fail_cookie(reading, node, detail, field="name")
            if site.scope != other.scope and _collide(site, other):
                detail = (
                    f"a browser would mix up its choices with those of `{other.slug}`, whose"
                    " cookie has this name under the same domain; choose another name"
                )
                _fail_cookie(reading, node, detail, field="name")


def _collide(one: Site, other: Site) -> bool:
    if _cookie(one).name != _cookie(other).name:
        return False
    reaches = ((one, other), (other, one))
    return any(
        domain is not None and any(_covers(domain, host) for host in _hosts(there))
        for here, there in reaches
        for domain in [_cookie(here).domain]
    )
