"""The banner of a site in one piece: what it shows, and the code that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..web import current
from .compose import modules_of
from .record import checked, record_settings
from .script import as_json, script, script_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .compose import Made


def assembled(site: str, made: Made) -> bytes:
    """Give the script of a site's banner, with its configuration and its modules in it."""
    modules = modules_of(made)
    return script(_whole(site, made, modules), modules)


def configured(site: str, made: Made) -> bytes:
    """Give the configuration of that script alone, as JSON."""
    modules = checked(modules_of(made), record_settings(site, made))
    return as_json(_whole(site, made, modules), modules)


def _whole(site: str, made: Made, modules: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "site": site,
        "endpoint": current.settings().base_url,
        "script": script_hash(modules),
        "experience": made.told,
        "modules": modules,
    }
