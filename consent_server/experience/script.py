"""One response for everything: the banner's code, its modules, configuration and words."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from ..notices.built_in import WIDGET
from ..problems import RefusedToStart
from .compact import Folded, compact, short_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_CONFIGURATION: Final = "__CONSENT_CONFIGURATION__"
_MODULES: Final = "__CONSENT_MODULES__"
_BARE: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)
# Inside a script these would end it, or a line of it, whatever JSON thinks of them.
_ESCAPED: Final = re.compile(r"<(?=!--|/?script)|[\u2028\u2029]", re.IGNORECASE)
# As many letters beyond Latin-1 are written by their numbers, on which the browser keeps the
# script in half the memory; of more of them the escapes would be the larger half.
_FEW: Final = 200
_BEYOND_LATIN_1: Final = re.compile(r"[^\x00-\xff]")


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
def module(name: str) -> str:
    """Give a built module: one expression."""
    return (WIDGET / "modules" / f"{name}.js").read_text("utf-8")


def _composed(modules: Collection[str]) -> tuple[str, str]:
    """Give the script before and after its configuration, with these modules in it."""
    before, between, after = _core()
    put = ",".join(f"{name}:{module(name)}" for name in modules)
    return before, f"{between}{{{put}}}{after}"


def script_hash(modules: Collection[str]) -> str:
    """Name the script by its hash, its place still empty: which code asks the question.

    The first 128 bits of SHA-256, base64url: whoever holds the built files can put them
    together and compare (CNIL 2020-092 §48), and no other code can be made to fit.
    """
    before, after = _composed(modules)
    digest = hashlib.sha256(f"{before}{_CONFIGURATION}{after}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def script(configuration: Mapping[str, Any], modules: Collection[str]) -> bytes:
    """Put a configuration, made compact, and these modules into the banner's script."""
    before, after = _composed(modules)
    written = literal(_compacted(configuration, modules))
    if len(_BEYOND_LATIN_1.findall(written)) <= _FEW:
        written = _BEYOND_LATIN_1.sub(_escape, written)
    return f"{before}{written}{after}".encode()


def literal(value: Any) -> str:
    """Write a value as JavaScript: JSON whose keys go without quotes where they may."""
    if isinstance(value, dict):
        pairs = (f"{_key(name)}:{literal(part)}" for name, part in value.items())
        table = f"{{{','.join(pairs)}}}"
        return f"()=>({table})" if isinstance(value, Folded) else table
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(literal, value))}]"
    return _ESCAPED.sub(_escape, current_app.json.dumps(value))


def _escape(found: re.Match[str]) -> str:
    # A letter beyond the first 65,536 is two in a script.
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _key(name: str) -> str:
    if _BARE.fullmatch(name):
        return name
    # Written plainly it would set the prototype instead of a property.
    return '["__proto__"]' if name == "__proto__" else literal(name)


def code_around(modules: Collection[str]) -> tuple[str, str]:
    """Give the code before and after the configuration, with these modules in it."""
    return _composed(modules)


def folded() -> str:
    """Name the part of the configuration that the core unfolds by calling it."""
    return short_name("more_")


def as_json(configuration: Mapping[str, Any], modules: Collection[str]) -> bytes:
    """Give the configuration alone, as the code without one reads it."""
    return current_app.json.dumps(_compacted(configuration, modules)).encode()


def _compacted(configuration: Mapping[str, Any], modules: Collection[str]) -> dict[str, Any]:
    return compact(configuration, ["core.js", *(f"modules/{name}.js" for name in modules)])
