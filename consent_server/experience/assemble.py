"""The banner of a site in one piece: what it shows, and the code that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..web import current
from .compose import modules_of
from .script import script, script_hash

if TYPE_CHECKING:
    from collections.abc import Mapping


def assembled(site: str, told: Mapping[str, Any], tags: Mapping[str, Any]) -> bytes:
    """Give the script of a site's banner, with its configuration and its modules in it."""
    modules = modules_of(told, tags)
    whole = {
        "site": site,
        "endpoint": current.settings().base_url,
        "script": script_hash(modules),
        "experience": told,
        "modules": modules,
    }
    return script(whole, modules)
