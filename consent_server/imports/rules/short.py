"""Short rows: what nearly every line of a file is, read without looking at each cell anew.

Most lines of a file say the same words about somebody with one e-mail; they differ in her
address and in a time. What the other cells say is read once (`RowReader`) and remembered; a
line that differs in anything else is read whole. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from ...clock import NotATime, from_micros, to_micros
from ...subjects.identifiers import common_email
from .cells import plain
from .dates import read_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .rows import RowReader
    from .values import Row

# So many different words, and so many different times, are remembered.
_MOST: Final = 1024
_MOST_TIMES: Final = 65_536
_LONGEST_EMAIL: Final = 320
_LONGEST_TIME: Final = 200
# What most times look like: of each day only its beginning is read by the rules.
_COMMON: Final = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)Z", re.ASCII)


@dataclass(slots=True)
class Short:
    """A line that says what another one said, of somebody else or at another time."""

    line: int
    email: str
    match: str
    # In microseconds; None if the line names no time.
    decided_at: int | None
    like: Row

    @property
    def whole(self) -> Row:
        """Give the row that `RowReader` would have read."""
        return replace(
            self.like,
            line=self.line,
            identifiers=[("email", self.email)],
            decided_at=None if self.decided_at is None else from_micros(self.decided_at),
        )


class ShortReader:
    """Reads the records of one file, the common ones quickly."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        places = {} if reader.manner.preset else dict(reader.places)
        self._email, self._time = places.pop("email", None), places.pop("decided_at", None)
        self._others: Callable[[Any], Any] = itemgetter(*places.values()) if places else len
        self._like: dict[Any, Row | None] = {}
        self._times: dict[str, int] = {}

    def is_yes(self, cells: Sequence[str] | dict[str, str]) -> bool:
        """Tell whether a line holds nothing but a yes, and `read` would find no fault in it.

        While noes are carried over nothing else need be known of it.
        """
        if self._email is None or isinstance(cells, dict):
            return False
        time = cells[self._time] if self._time is not None else ""
        like = self._like.get((self._others(cells), not time))
        if like is None or not like.yes or len(cells[self._email]) > _LONGEST_EMAIL:
            return False
        return not time or time in self._times or self._read_time(time) is not None

    def read(self, line: int, cells: Sequence[str] | dict[str, str]) -> Row | Short:
        """Read one line; raises `Fault`."""
        if self._email is None or isinstance(cells, dict):
            return self._reader.read(line, cells)
        email = cells[self._email]
        match = common_email(email)
        time = cells[self._time] if self._time is not None else ""
        at = self._times.get(time) if time else None
        if time and at is None:
            at = self._read_time(time)
        if match is None or (time and at is None):
            return self._reader.read(line, cells)
        said = (self._others(cells), not time)
        like = self._like.get(said)
        if like is None:
            row = self._reader.read(line, cells)
            if said in self._like or not self._learn(row, said):
                return row
            like = row
        if not time and like.decided_at is not None:
            at = to_micros(like.decided_at)
        return Short(line, email, match, at, like)

    def _read_time(self, text: str) -> int | None:
        common = _COMMON.fullmatch(text)
        if common:
            day, hour, minute, second = common.groups()
            if (begins := self._day(day)) is not None:
                since = int(hour) * 3600 + int(minute) * 60 + int(second)
                return begins + since * 1_000_000
        shown = plain(text)
        if not shown or len(shown) > _LONGEST_TIME:
            return None
        try:
            at = to_micros(read_moment(shown, self._reader.zone))
        except NotATime:
            return None
        if len(self._times) >= _MOST_TIMES:
            self._times.clear()
        self._times[text] = at
        return at

    def _day(self, day: str) -> int | None:
        midnight = f"{day}T00:00Z"
        begins = self._times.get(midnight)
        return self._read_time(midnight) if begins is None else begins

    def _learn(self, row: Row, said: Any) -> bool:
        if len(self._like) >= _MOST:
            return False
        short = len(row.identifiers) == 1 and row.previous is None
        self._like[said] = row if short and _only_answers(row) else None
        return self._like[said] is not None


def _only_answers(row: Row) -> bool:
    return bool(row.choices) and not row.facts and row.suppress is None
