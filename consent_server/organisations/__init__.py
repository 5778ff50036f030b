"""Organisations: what they declare, their sites, who may call us, who did what."""

from .api_keys import create_key, keys_listed, revoke_key, rotate_key
from .audit import audit, trail
from .auth import caller, holds, install, look, requires
from .create import SlugTaken, create, declare
from .declare import declared
from .directory import (
    asking_version,
    bump,
    changing,
    find,
    is_sandbox,
    listed,
    lock,
    log_of,
    move_log,
    version_of,
)
from .keys import keys_kept, keys_of
from .known import holder, holder_kept
from .sites import find_site, site_ids, site_kept, sites_of
from .use import note_use
from .values import Caller, NewKey, Scope, SiteInForce

__all__ = [
    "Caller",
    "NewKey",
    "Scope",
    "SiteInForce",
    "SlugTaken",
    "asking_version",
    "audit",
    "bump",
    "caller",
    "changing",
    "create",
    "create_key",
    "declare",
    "declared",
    "find",
    "find_site",
    "holder",
    "holder_kept",
    "holds",
    "install",
    "is_sandbox",
    "keys_kept",
    "keys_listed",
    "keys_of",
    "listed",
    "lock",
    "log_of",
    "look",
    "move_log",
    "note_use",
    "requires",
    "revoke_key",
    "rotate_key",
    "site_ids",
    "site_kept",
    "sites_of",
    "trail",
    "version_of",
]
