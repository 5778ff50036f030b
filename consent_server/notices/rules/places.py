"""Where data go and what protects them there: nearer, or farther than before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...organisations.document.countries import WITHIN_GDPR
from ...organisations.document.periods import longer

if TYPE_CHECKING:
    from collections.abc import Mapping

# The stronger the earlier; a contract and binding rules are different promises of one rank.
_RANKS: Final = {"none_needed_eu": 0, "adequacy": 1, "scc": 2, "bcr": 2, "derogation": 3}
_UNKNOWN: Final = 4


def farther(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool | None:
    """Tell whether data go farther than before; None when they go to the same place."""
    old = (before.get("country"), before.get("safeguard"))
    new = (after.get("country"), after.get("safeguard"))
    if old == new:
        return None
    if new[0] != old[0] and new[0] not in WITHIN_GDPR:
        return True
    if new[1] == old[1]:
        return False
    return _RANKS.get(str(new[1]), _UNKNOWN) >= _RANKS.get(str(old[1]), _UNKNOWN)


def outlasts(after: str | None, before: str | None) -> bool:
    """Tell whether a period is longer than another; none at all is without end."""
    if before is None or after == before:
        return False
    return after is None or _span(after, before)


def _span(after: str, before: str) -> bool:
    if before == "session" or after == "session":
        return after != "session"
    return longer(after, before)
