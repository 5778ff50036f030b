"""Which built modules a site's banner is made of: it pays only for what it uses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from . import tags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # What the banner shows, and the site's tags; gives the module's settings, or None when
    # this site has no use for the module.
    Chooser = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any] | None]


def _always(_told: Mapping[str, Any], _tags: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def _gpc(told: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return {} if told["signals"].get("gpc") == "refuse" else None


def _tags(set_up: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]) -> Chooser:
    return lambda _, found: set_up(found)


def _markup(vendor: str) -> Chooser:
    return _tags(partial(tags.markup, vendor=vendor))


# In the order in which they run.
_CHOOSERS: Final[Mapping[str, Chooser]] = {
    "gpc": _gpc,
    "google": _tags(tags.google),
    "microsoft": _tags(tags.microsoft),
    "meta": _tags(tags.meta),
    "matomo": _tags(tags.matomo),
    "piano": _tags(tags.piano),
    # After the signals: a tag that an event sets off must find them told.
    "data_layer": _tags(tags.data_layer),
    "vanilla_cookieconsent": _markup("vanilla-cookieconsent"),
    "klaro": _markup("klaro"),
    "tarteaucitron": _markup("tarteaucitron"),
    "cookiebot": _markup("cookiebot"),
    "onetrust": _markup("onetrust"),
    "placeholders": _always,
}


def modules_of(
    told: Mapping[str, Any], site_tags: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """Name the modules that a site's banner needs, each with its settings, in their order."""
    chosen = {name: choose(told, site_tags) for name, choose in _CHOOSERS.items()}
    return {name: settings for name, settings in chosen.items() if settings is not None}
