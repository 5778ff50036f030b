"""The settings of the modules that recognise others by their address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .catalogue.compact import looks, recognised

if TYPE_CHECKING:
    from collections.abc import Mapping

    # What the banner shows; the body of the version in force.
    Told = Mapping[str, Any]
    Body = Mapping[str, Any]
    Settings = Mapping[str, Any]


def addresses(told: Told, body: Body) -> Settings | None:
    """Give whose each address is, where anything on the site asks."""
    return recognised(body) if addresses_asked(told) else None


def addresses_asked(told: Told) -> bool:
    """Tell whether anything on the site asks whose an address is."""
    return any(asked(told, setting) for setting in ("auto_block", "network_guard", "debug"))


def posters(told: Told, body: Body) -> Settings | None:
    """Draw films, maps and podcasts: those declared, or all where any may be held."""
    found = looks(body, every=asked(told, "auto_block"))
    return found if found["services"] else None


def asked(told: Told, setting: str) -> bool:
    """Tell whether a setting of the site's banner is on."""
    return bool(told["banner"].get(setting))
