"""How a banner stands on its pages. Never material: nothing in it widens what a yes opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .reasons import Reason, editorial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What the banner calls its cookie where a site says nothing.
_COOKIE: Final = "consent"


def banner_reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Reason]:
    """Compare the settings of each site's banner.

    Layout, colours, blocking and the developers' help change what is seen or held back;
    statistics are made of decisions and name nobody; a privacy signal only ever refuses.
    What opens more (a tracker, a company told) is judged where it is declared.
    """
    for slug in sorted(before.keys() & after.keys()):
        if _cookie(before[slug]) != _cookie(after[slug]):
            yield editorial("cookie_renamed", slug)
        elif before[slug] != after[slug]:
            yield editorial("details_corrected", "banner")


def _cookie(banner: Mapping[str, Any] | None) -> str:
    return str(((banner or {}).get("cookie") or {}).get("name", _COOKIE))
