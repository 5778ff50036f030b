"""Says what a field of the format expects, in plain words."""

from __future__ import annotations

from dataclasses import is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import get_args, get_origin, get_type_hints

from .catalogue import Colours, NoticeWords, WordsByLanguage
from .scalars import REFERENCES, SCALARS, Links, Text, Url, Words

# What stands under each language.
BY_LANGUAGE: dict[object, object] = {
    Words: Text,
    Links: Url,
    WordsByLanguage: NoticeWords,
}
_A_LIST = "give a list, each item after a dash"
# What authors look for in a theme, and must not find.
_OF_ONE_ANSWER = ("accept", "refuse", "reject", "decline", "deny", "button")
_ONE_LOOK = (
    "every answer has the same look, so that refusing is as easy as accepting (CNIL 2020-092"
    " §34); `accent` colours them all"
)


@cache
def field_types(kind: type) -> dict[str, object]:
    """Name the fields of a dataclass of the format, with their types."""
    return get_type_hints(kind, include_extras=True)


def optional(kind: object) -> object | None:
    """Find the type that may also be left empty; None if it may not."""
    arms = get_args(kind)
    return next(arm for arm in arms if arm is not NoneType) if NoneType in arms else None


def choices(kind: object) -> dict[str, object]:
    """List the values of a closed list, by what is written in the file."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {item.value: item for item in kind}
    return {str(item): item for item in get_args(kind)}


def wanted(kind: object, languages: list[str] | None = None) -> str:
    """Say what to write where this type is expected."""
    kind = optional(kind) or kind
    if kind in REFERENCES:
        section, _, noun = REFERENCES[kind]
        return f"name a {noun} declared under {section}"
    if kind in BY_LANGUAGE:
        return f"give it in each language ({', '.join(languages or ['fr', 'en'])})"
    if isinstance(kind, type) and is_dataclass(kind):
        return f"give its parts: {', '.join(field_types(kind))}"
    return _A_LIST if get_origin(kind) is tuple else f"write {_value(kind)}"


def _value(kind: object) -> str:
    if kind in SCALARS:
        return SCALARS[kind].wanted
    values = ["true", "false"] if kind is bool else list(choices(kind))
    return " or ".join(values) if len(values) < 3 else f"one of {', '.join(values)}"


def stranger(kind: type, name: str, known: list[str]) -> str:
    """Say what to do about a field that the format does not have."""
    if issubclass(kind, Colours) and name.startswith(_OF_ONE_ANSWER):
        return _ONE_LOOK
    return nearest(name, known) or f"what may stand here: {', '.join(known)}"


def nearest(value: str, known: list[str]) -> str:
    """Ask whether a name that resembles it was meant; nothing if none does."""
    near = get_close_matches(value, known, n=1)
    return f"did you mean `{near[0]}`?" if near else ""
