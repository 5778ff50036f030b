"""Reads what a banner's script carries, as the script itself would."""

from __future__ import annotations

import json
import re
from typing import Any

from consent_server.notices.built_in import WIDGET

_STRING = r'"(?:[^"\\]|\\.)*"'


def read_script(text: str) -> tuple[dict[str, Any], str]:
    """Give the configuration, its names at full length, and the script with the place empty."""
    names: dict[str, str] = json.loads((WIDGET / "manifest.json").read_text("utf-8"))["names"]
    site, url = (rf'"?{re.escape(names[name])}"?' for name in ("site_", "url_"))
    found = re.search(rf'{{{site}:"[^"]*",{url}:"', text)
    assert found is not None
    start = found.start()
    end = _end_of_object(text, start)
    # The keys of JSON stand in quotes, those of JavaScript need not; and what is folded
    # is a function that gives it.
    unfolded = re.sub(rf"({_STRING})|\(\)=>\(|\)", r"\1", text[start:end])
    quoted = re.sub(
        rf"{_STRING}|[A-Za-z]\w*(?=:)",
        lambda found: found[0] if found[0].startswith('"') else f'"{found[0]}"',
        unfolded,
    )
    return read_configuration(
        json.loads(quoted)
    ), f"{text[:start]}__CONSENT_CONFIGURATION__{text[end:]}"


def read_configuration(short: Any) -> Any:
    """Give a configuration as the script carries it, unfolded, its names at full length."""
    names: dict[str, str] = json.loads((WIDGET / "manifest.json").read_text("utf-8"))["names"]
    told = _lengthen(short, {short: name for name, short in names.items()})
    return {**told, **told.pop("more_")}


def _lengthen(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_lengthen(part, names) for part in value]
    if isinstance(value, dict):
        return {names.get(key, key): _lengthen(part, names) for key, part in value.items()}
    return value


def _end_of_object(text: str, start: int) -> int:
    """Find where an object that begins here ends, whatever its strings hold."""
    depth = 0
    for found in re.finditer(rf"{_STRING}|[{{}}]", text[start:]):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return start + found.end()
    raise AssertionError("it does not end")
