"""Organisations: what they declare, their sites, who may call us, who did what."""

from .api_keys import create_key, holder, holder_kept, keys_listed, revoke_key
from .audit import audit, trail
from .auth import caller, holds, look, requires
from .create import SlugTaken, create, declare
from .declare import declared
from .directory import asking_version, bump, changing, find, listed, lock, log_of, version_of
from .keys import keys_kept, keys_of
from .sites import find_site, site_ids, site_kept, sites_of
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
    "keys_kept",
    "keys_listed",
    "keys_of",
    "listed",
    "lock",
    "log_of",
    "look",
    "requires",
    "revoke_key",
    "site_ids",
    "site_kept",
    "sites_of",
    "trail",
    "version_of",
]
