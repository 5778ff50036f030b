"""Which built modules a site's banner is made of: it pays only for what it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # What the banner shows; gives the module's settings, or None when this site has no use
    # for the module.
    Chooser = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


def _always(_: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


# In the order in which they run.
_CHOOSERS: Final[Mapping[str, Chooser]] = {
    "placeholders": _always,
}


def modules_of(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Name the modules that a site's banner needs, each with its settings, in their order."""
    chosen = {name: choose(told) for name, choose in _CHOOSERS.items()}
    return {name: settings for name, settings in chosen.items() if settings is not None}
