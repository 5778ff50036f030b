"""Reading DNS records as somebody copied them: a zone file, or what `dig` printed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LINE: Final = re.compile(
    r"(?P<name>\S+)\s+(?:\d+\s+)?(?:IN\s+)?(?P<kind>TXT|CNAME)\s+(?P<value>.+)", re.IGNORECASE
)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TAG: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
MOST_LINES: Final = 1000


class UnreadableRecords(ValueError):
    """A line is no record; the text says which, and what would be right."""


@dataclass(frozen=True)
class Record:
    """One record: a name in small letters without its last dot, TXT or CNAME, its text."""

    name: str
    kind: str
    text: str


def read_records(text: str) -> list[Record]:
    """Read one record a line; comments (`;`, `#`) and empty lines are passed over."""
    found: list[Record] = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if not plain or plain[0] in ";#":
            continue
        if number > MOST_LINES:
            raise UnreadableRecords(f"no domain has more than {MOST_LINES} lines of these")
        match = _LINE.fullmatch(plain)
        if match is None:
            raise UnreadableRecords(
                f'line {number} is no record: write NAME TXT "VALUE", one a line'
            )
        parts = _QUOTED.findall(match["value"])
        # Several strings are one text (RFC 7208 §3.3); outside quotes it stands as it is.
        value = "".join(parts) if parts else match["value"].strip()
        found.append(Record(name_of(match["name"]), match["kind"].upper(), value))
    return found


def name_of(text: str) -> str:
    """Give a domain name as names are compared."""
    return text.strip().rstrip(".").lower()


def texts_at(records: Iterable[Record], name: str) -> list[str]:
    """Give the texts at a name, through a CNAME if there is one and its target is given."""
    several = list(records)
    for record in several:
        if record.kind == "CNAME" and record.name == name:
            target = name_of(record.text)
            return [each.text for each in several if (each.kind, each.name) == ("TXT", target)]
    return [each.text for each in several if (each.kind, each.name) == ("TXT", name)]


def delegated(records: Iterable[Record], name: str) -> bool:
    """Tell whether a name leads elsewhere."""
    return any((each.kind, each.name) == ("CNAME", name) for each in records)


def tags_of(text: str) -> Mapping[str, str]:
    """Read `v=DKIM1; k=rsa; p=…`: the first of each name counts."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        match = _TAG.fullmatch(part)
        if match:
            tags.setdefault(match[1].lower(), match[2])
    return tags
