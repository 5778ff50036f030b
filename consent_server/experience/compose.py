"""Which built modules a site's banner is made of: it pays only for what it uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from . import recognise, tags
from .head import held_hosts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Settings = Mapping[str, Any]
    # Gives the module's settings, or None when this site has no use for the module.
    Chooser = Callable[["Made"], Settings | None]


@dataclass(frozen=True)
class Made:
    """What a site's script is made of."""

    # What the banner shows, the version's body that it comes from, and the site's tags.
    told: Mapping[str, Any]
    body: Mapping[str, Any]
    tags: Mapping[str, Any]


def _gpc(made: Made) -> Settings | None:
    return {} if made.told["signals"].get("gpc") == "refuse" else None


def _layout(made: Made) -> Settings | None:
    settings = {"layout": "bar", "modal": False, "logo": None}
    banner = made.told["banner"]
    given = {name: banner[name] for name in settings if name in banner}
    return {name: value for name, value in given.items() if value != settings[name]} or None


def _tags(set_up: Callable[[Mapping[str, Any]], Settings | None]) -> Chooser:
    return lambda made: set_up(made.tags)


def _markup(vendor: str) -> Chooser:
    return _tags(partial(tags.markup, vendor=vendor))


def _asked(setting: str) -> Chooser:
    return lambda made: {} if recognise.asked(made.told, setting) else None


def _google_advanced(made: Made) -> Settings | None:
    # Only where something would hold them: it narrows what `recognise` finds.
    return tags.google_advanced(made.tags) if recognise.addresses_asked(made.told) else None


def _head(made: Made) -> Settings | None:
    if not held_hosts(made):
        return None
    return {"holds": True} if recognise.asked(made.told, "auto_block") else {}


# These understand marks that are not ours, and need the module that rewrites them.
_CLAIM: Final = frozenset(
    {"auto_block", "vanilla_cookieconsent", "klaro", "cookiebot", "onetrust"}
)

# In the order in which they run.
_CHOOSERS: Final[Mapping[str, Chooser]] = {
    "layout": _layout,
    # First: what others do is known before anything of theirs is let go.
    "recognise": lambda made: recognise.addresses(made.told, made.body),
    "network_guard": _asked("network_guard"),
    # After the guard: a picture that may be let go later is held, not lost.
    "auto_block": _asked("auto_block"),
    "gpc": _gpc,
    "google": _tags(tags.google),
    "google_advanced": _google_advanced,
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
    "posters": lambda made: recognise.posters(made.told, made.body),
    "debug": _asked("debug"),
    # Last: what waited in the head meets everything that holds, and every signal told.
    "head": _head,
}


def modules_of(made: Made) -> dict[str, Settings]:
    """Name the modules that a site's banner needs, each with its settings, in their order."""
    chosen = {name: choose(made) for name, choose in _CHOOSERS.items()}
    needed = {name: settings for name, settings in chosen.items() if settings is not None}
    return {"claims": {}, **needed} if _CLAIM & needed.keys() else needed
