"""Moulds: records that are alike but for a few plain texts, made canonical once."""

from __future__ import annotations

import re
from itertools import chain
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final

from .canonical import NotCanonicalError, canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

# What canonical JSON writes as it is, whatever stands beside it.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:-]*", re.ASCII)
# Of a percent sign that stands for itself the second one is no hole's.
_HOLE: Final = re.compile(r"(?<!%)((?:%%)*)%\(\w+\)s")


class Mould:
    """A record with holes: filled, it has the canonical bytes of the whole record."""

    def __init__(self, record: Mapping[str, object], holes: Collection[str]) -> None:
        members = {**record, **dict.fromkeys(holes, "")}
        # Other names are put in order by UTF-16, which is no matter for our own.
        if not all(map(str.isascii, members)):
            raise NotCanonicalError("the names of a mould's members are ASCII")
        self.kind = str(record["kind"])
        self._holes = frozenset(holes)
        written = (self._member(name, members[name]) for name in sorted(members))
        self._text = f"{{{','.join(written)}}}"
        # The holes in the order of the text.
        self.order = tuple(sorted(holes))
        self._placed = _HOLE.sub(r"\1%s", self._text)
        self._quoted = encode_basestring(self._placed)

    def _member(self, name: str, value: object) -> str:
        if name in self._holes:
            return f'"{name}":"%({name})s"'
        whole = canonical_bytes({name: value}).decode()
        return whole[1:-1].replace("%", "%%")

    def fill(self, values: Mapping[str, str]) -> bytes:
        """Give the canonical bytes of the record with these texts, which must be plain."""
        if values.keys() != self._holes or not _PLAIN.fullmatch("".join(values.values())):
            raise NotCanonicalError("a mould is filled with plain texts, one for each hole")
        return (self._text % values).encode()

    def fill_many(self, rows: Sequence[tuple[str, ...]]) -> list[tuple[bytes, str]]:
        """Fill it many times, each with the texts in the order of its holes.

        Gives the canonical bytes, and the same as a text of JSON: quoted.
        """
        if not _PLAIN.fullmatch("".join(chain.from_iterable(rows))):
            raise NotCanonicalError("a mould is filled with plain texts, one for each hole")
        text, quoted = self._placed, self._quoted
        return [((text % row).encode(), quoted % row) for row in rows]
