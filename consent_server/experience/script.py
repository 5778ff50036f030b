"""One response for everything: the banner's code, its configuration and its words."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from ..notices.built_in import WIDGET
from ..problems import RefusedToStart

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACE: Final = "__CONSENT_CONFIGURATION__"
# Inside a script these would end it, or a line of it, whatever JSON thinks of them.
_ESCAPED: Final = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@cache
def _built() -> tuple[str, str, str]:
    """Give the built script before and after its configuration, and its hash."""
    code = (WIDGET / "consent.js").read_text("utf-8")
    before, found, after = code.partition(_PLACE)
    if not found or _PLACE in after:
        raise RefusedToStart(f"the banner's script must name {_PLACE} exactly once")
    manifest: Mapping[str, str] = json.loads((WIDGET / "manifest.json").read_text("utf-8"))
    return before, after, manifest["consent.js"]


def script_hash() -> str:
    """Give the SHA-256 of the banner's script: which script asks the question."""
    return _built()[2]


def script(configuration: Mapping[str, Any]) -> bytes:
    """Put a configuration into the banner's script."""
    before, after, _ = _built()
    text = current_app.json.dumps(configuration)
    for letter, escaped in _ESCAPED.items():
        text = text.replace(letter, escaped)
    return f"{before}{text}{after}".encode()
