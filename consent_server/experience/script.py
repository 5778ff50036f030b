"""One response for everything: the banner's code, its modules, configuration and words."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from ..notices.built_in import WIDGET
from ..problems import RefusedToStart

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_CONFIGURATION: Final = "__CONSENT_CONFIGURATION__"
_MODULES: Final = "__CONSENT_MODULES__"
# Inside a script these would end it, or a line of it, whatever JSON thinks of them.
_ESCAPED: Final = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@cache
def _core() -> tuple[str, str, str]:
    """Give the built core before, between and after its two places."""
    code = (WIDGET / "core.js").read_text("utf-8")
    before, _, rest = code.partition(_CONFIGURATION)
    between, found, after = rest.partition(_MODULES)
    if not found or any(place in between + after for place in (_CONFIGURATION, _MODULES)):
        raise RefusedToStart(f"the core must name {_CONFIGURATION}, then {_MODULES}, once each")
    return before, between, after


@cache
def _module(name: str) -> str:
    return (WIDGET / "modules" / f"{name}.js").read_text("utf-8")


def _composed(modules: Collection[str]) -> tuple[str, str]:
    """Give the script before and after its configuration, with these modules in it."""
    before, between, after = _core()
    put = ",".join(f"{name}:{_module(name)}" for name in modules)
    return before, f"{between}{{{put}}}{after}"


def script_hash(modules: Collection[str]) -> str:
    """Give the SHA-256 of the script with its place still empty: which code asks the question.

    Whoever holds the built files can put them together and compare (CNIL 2020-092 §48).
    """
    before, after = _composed(modules)
    return hashlib.sha256(f"{before}{_CONFIGURATION}{after}".encode()).hexdigest()


def script(configuration: Mapping[str, Any], modules: Collection[str]) -> bytes:
    """Put a configuration and the modules it names into the banner's script."""
    before, after = _composed(modules)
    text = current_app.json.dumps(configuration)
    for letter, escaped in _ESCAPED.items():
        text = text.replace(letter, escaped)
    return f"{before}{text}{after}".encode()


def code_around(modules: Collection[str]) -> tuple[str, str]:
    """Give the code before and after the configuration, with these modules in it."""
    return _composed(modules)
