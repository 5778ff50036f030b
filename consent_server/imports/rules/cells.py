"""What one cell of an imported line says; a `Fault` names the column. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...ids import parse
from .values import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMULA: Final = frozenset("=+-@")
_YES: Final = frozenset({"granted", "yes"})
_NO: Final = frozenset({"refused", "withdrawn", "objected", "no"})


def plain(cell: str) -> str:
    """Take a cell as text, without the quote that keeps a spreadsheet from computing it."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def one_of(name: str, told: Mapping[str, str], words: frozenset[str]) -> str:
    """Read one word of a closed list."""
    word = told[name].lower()
    if word not in words:
        raise Fault("unknown_fact", name, f"write one of {', '.join(sorted(words))}")
    return word


def read_year(text: str) -> int:
    """Read a year of birth."""
    if not (text.isascii() and text.isdecimal() and 1900 <= int(text[:5]) <= 2100):
        raise Fault("unknown_fact", "birth_year", "write a year like 1980")
    return int(text)


def read_purposes(text: str) -> list[str]:
    """Read the purposes that one answer is about, parted by spaces."""
    return [name for each in text.split(" ") if (name := each.strip(" ,"))]


def read_answer(text: str) -> bool:
    """Read a yes or a no, under any of its names."""
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Fault("unknown_answer", "answer", "write granted or refused")


def read_previous(text: str | None) -> str | None:
    """Read the decision that this one follows."""
    if text is not None and parse("dec", text) is None:
        raise Fault("unknown_previous", "previous", "name the decision as dec_…")
    return text


def read_version(text: str | None) -> int | None:
    """Read the notice version that was answered."""
    if text is None:
        return None
    number = parse("ntv", text)
    if number is None:
        raise Fault("unknown_notice_version", "notice_version", "name the version as ntv_…")
    return number
