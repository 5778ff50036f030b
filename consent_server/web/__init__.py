"""HTTP manners that every room shares; origins, keys and readiness are handed in."""

from __future__ import annotations

from . import current, fields, idempotency
from .contract import Contract
from .door import Door, secured
from .install import install
from .limits import client_prefix, limit
from .manners import believe_proxies
from .pages import choose_language, keep_private, render_kept, render_page
from .privacy import privacy_control
from .schema import Schema
from .words import load_words, plain_language

__all__ = [
    "Contract",
    "Door",
    "Schema",
    "believe_proxies",
    "choose_language",
    "client_prefix",
    "current",
    "fields",
    "idempotency",
    "install",
    "keep_private",
    "limit",
    "load_words",
    "plain_language",
    "privacy_control",
    "render_kept",
    "render_page",
    "secured",
]
