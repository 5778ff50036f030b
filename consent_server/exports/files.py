"""Rows become a file, line by line: CSV that no spreadsheet computes, or NDJSON.

The last line says how many there were: a file without it was cut off.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from ..db import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CSV: Final = "csv"
NDJSON: Final = "ndjson"
MEDIA: Final = {CSV: "text/csv", NDJSON: "application/x-ndjson"}
# What a spreadsheet takes for the beginning of a formula, also in full width.
_BEGINS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_QUOTE: Final = "'"


def written(
    form: str, columns: Sequence[str], batches: Iterable[Sequence[Mapping[str, Any]]]
) -> Iterator[bytes]:
    """Write batches of rows as a file, each batch as one piece."""
    count = 0
    if form == CSV:
        yield _lines([list(columns)])
    for batch in batches:
        count += len(batch)
        if form == CSV:
            yield _lines([[_cell(row.get(name)) for name in columns] for row in batch])
        else:
            yield "".join(f"{to_json(_members(row))}\n" for row in batch).encode()
    end = f"# end: {count} rows\r\n" if form == CSV else f'{{"end":{{"rows":{count}}}}}\n'
    yield end.encode()


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return neutral(" ".join(value) if isinstance(value, list) else str(value))


def neutral(text: str) -> str:
    """Keep a text from being computed: a leading quote, which spreadsheets do not show."""
    return _QUOTE + text if text.lstrip(" ")[:1] in _BEGINS and text.strip(" ") else text


def _members(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
