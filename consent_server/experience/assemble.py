"""The banner of a site in one piece: what it shows, and the code that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..web import current
from .compose import modules_of
from .script import script, script_hash

if TYPE_CHECKING:
    from .compose import Made


def assembled(site: str, made: Made) -> bytes:
    """Give the script of a site's banner, with its configuration and its modules in it."""
    modules = modules_of(made)
    whole = {
        "site": site,
        "endpoint": current.settings().base_url,
        "script": script_hash(modules),
        "experience": made.told,
        "modules": modules,
    }
    return script(whole, modules)
