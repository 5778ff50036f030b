"""What a tool's words mean: signs in its columns, of which the strictest counts. Pure.

Each tool says in its own way who has left: a status, a date of leaving, a mark of bounces.
A sign that says no is believed wherever it stands; a yes is only read where the person
agreed, never because nothing says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

GRANTED: Final = "granted"
REFUSED: Final = "refused"
UNCONFIRMED: Final = "unconfirmed"
BOUNCED: Final = "bounced"
BLOCKED: Final = "blocklisted"
COMPLAINED: Final = "complained"
# From the strictest down.
ORDER: Final = (BLOCKED, COMPLAINED, BOUNCED, REFUSED, UNCONFIRMED, GRANTED)
# What ends more than one purpose: which scope is suppressed.
SCOPES: Final[Mapping[str, str]] = {
    BLOCKED: "marketing",
    COMPLAINED: "marketing",
    BOUNCED: "channel:email",
}
ANYTHING: Final = frozenset({"*"})
TRUE: Final = frozenset({"true", "1", "yes", "y", "oui", "x"})


@dataclass(frozen=True, kw_only=True)
class Sign:
    """In one of these columns, one of these words (or anything) means this."""

    columns: tuple[str, ...]
    words: frozenset[str]
    means: str
    # The cell itself, or one of these columns, says when.
    dated: bool = False
    at: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preset:
    """How a tool's export is read."""

    name: str
    # Our column: theirs, the first that is there and filled.
    columns: Mapping[str, tuple[str, ...]]
    signs: tuple[Sign, ...]
    # In which zone the tool writes times that name none.
    zone: str | None = None
    source: str = ""
    # A cookie's choices stand in the column `cookie`.
    cookie: str | None = None


@dataclass(frozen=True)
class Meant:
    """What a row of a tool means, and when that was."""

    word: str | None
    at: str = ""


def meaning(preset: Preset, cells: Mapping[str, str]) -> Meant:
    """Read the signs of a row; `cells` by column name in lower case."""
    found: dict[str, str] = {}
    for sign in preset.signs:
        for column in sign.columns:
            cell = cells.get(column, "").strip()
            if not cell or not (sign.words is ANYTHING or cell.casefold() in sign.words):
                continue
            at = cell if sign.dated else first_of(cells, sign.at)
            found[sign.means] = found.get(sign.means) or at
    for word in ORDER:
        if word in found:
            return Meant(word, found[word])
    return Meant(None)


def first_of(cells: Mapping[str, str], columns: tuple[str, ...]) -> str:
    """Give the first of these columns that is filled."""
    for column in columns:
        cell = cells.get(column, "").strip()
        if cell:
            return cell
    return ""
