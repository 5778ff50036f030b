"""Columns that nothing is read from are named, so that no misspelling is lost in silence."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from ..problems import UnreadableBody
from ..web.strict_json import parse
from .rules.values import OURS
from .table import LONGEST_LINE

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Mapping, Sequence

    from .rules.values import Manner

_MOST: Final = 50
_LONGEST: Final = 60


def unread_columns(header: Iterable[str], manner: Manner) -> list[str]:
    """Name the columns that neither our names, a mapping nor the preset reads."""
    read = _read(manner)
    unread = [name[:_LONGEST] for name in header if name and name.casefold() not in read]
    return list(dict.fromkeys(unread))[:_MOST]


def members_of(text: io.TextIOBase) -> list[str]:
    """Name the members of the first line of NDJSON; none if it cannot be read."""
    try:
        # An address as a member's name is a person's, and is named nowhere.
        return [name for name in parse(text.readline(LONGEST_LINE).encode()) if "@" not in name]
    except (UnreadableBody, UnicodeError):
        return []


def like(unread: Sequence[str]) -> dict[str, str]:
    """Say which of our columns an unread one resembles."""
    found = {name: get_close_matches(name.casefold(), OURS, 1, 0.75) for name in unread}
    return {name: ours[0] for name, ours in found.items() if ours}


def _read(manner: Manner) -> frozenset[str]:
    preset = manner.preset
    theirs: list[str] = [name.casefold() for name in manner.columns.values()]
    for ours in OURS:
        if ours not in manner.columns:
            theirs += preset.columns.get(ours, ()) if preset else (ours,)
    for sign in preset.signs if preset else ():
        theirs += (*sign.columns, *sign.at)
    return frozenset(theirs)


def as_shown(unread: Sequence[str]) -> list[Mapping[str, Any]]:
    """Say each with the column of ours that it resembles."""
    near = like(unread)
    return [{"column": name, "like": near.get(name)} for name in unread]
