"""What a dry run would have recorded: marks on disk, so that memory stays flat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pysqlite3.dbapi2 as pysqlite

from ..db import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PLACE_BYTES: Final = 8


class Seen:
    """A set of marks in a file of its own: keyed hashes, which name nobody."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        self._path = path
        self._raw: Any = pysqlite.connect(str(path), isolation_level=None)
        self._raw.execute("PRAGMA journal_mode=OFF")
        self._raw.execute("PRAGMA synchronous=OFF")
        self._raw.execute("CREATE TABLE mark (text TEXT PRIMARY KEY) WITHOUT ROWID")
        self._raw.execute("CREATE TABLE no (place INTEGER PRIMARY KEY)")

    def add(self, mark: str, noes: Sequence[bytes]) -> None:
        """Keep a row's mark, and the identifiers that said no."""
        self._raw.execute("INSERT OR IGNORE INTO mark VALUES (?)", (mark,))
        for each in noes:
            self._raw.execute("INSERT OR IGNORE INTO no VALUES (?)", (_place(each),))

    def among(self, marks: Sequence[str]) -> set[str]:
        """Tell which of these marks were kept."""
        asked = "SELECT text FROM mark WHERE text IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._raw.execute(asked, (to_json(list(marks)),))}

    def says_no(self, marks: Sequence[bytes]) -> bool:
        """Tell whether one of these identifiers said no."""
        asked = "SELECT 1 FROM no WHERE place IN (SELECT value FROM json_each(?)) LIMIT 1"
        places = to_json([_place(each) for each in marks])
        return bool(self._raw.execute(asked, (places,)).fetchall())

    def close(self) -> None:
        """Forget everything."""
        self._raw.close()
        self._path.unlink(missing_ok=True)


def _place(mark: bytes) -> int:
    return int.from_bytes(mark[:_PLACE_BYTES], "big", signed=True)
