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

from ...clock import NotATime, from_micros, rfc3339_micros, to_micros
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
_NEVER: Final[tuple[int | None, str]] = (None, "")
_COMMON_DAY: Final = r"(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"
_COMMON: Final = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)Z", re.ASCII)


@dataclass(slots=True)
class Short:
    """A line that says what another one said, of somebody else or at another time."""

    line: int
    email: str
    match: str
    # In microseconds; None if the line names no time.
    decided_at: int | None
    # The same, written out; empty if there is none.
    when: str
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
        self._common: re.Pattern[str] | None = None

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
        return not time or self._moment(time) is not None

    def read(self, line: int, cells: Sequence[str] | dict[str, str]) -> Row | Short:
        """Read one line; raises `Fault`."""
        if self._email is None or isinstance(cells, dict):
            return self._reader.read(line, cells)
        email = cells[self._email]
        match = common_email(email)
        time = cells[self._time] if self._time is not None else ""
        moment: tuple[int | None, str] | None = self._moment(time) if time else _NEVER
        if match is None or moment is None:
            return self._reader.read(line, cells)
        said = (self._others(cells), not time)
        like = self._like.get(said)
        if like is None:
            row = self._reader.read(line, cells)
            if said in self._like or not self._learn(row, said):
                return row
            like = row
        if not time and like.decided_at is not None:
            said_at = to_micros(like.decided_at)
            moment = said_at, rfc3339_micros(said_at)
        at, when = moment
        return Short(line, email, match, at, when, like)

    def are_yeses(self, lines: Sequence[str], delimiter: str) -> bool:
        """Tell whether `is_yes` would say so of each of these lines, none of which has quotes.

        They are taken apart at once, and what they say is looked at once for all that say it.
        """
        if self._email is None or not any(self._like.values()):
            return False
        if self._common is None:
            self._common = self._pattern(delimiter)
        found = self._common.findall("".join(lines))
        if len(found) != len(lines):
            return False
        return all(map(self._is_common_yes, set(found)))

    def _pattern(self, delimiter: str) -> re.Pattern[str]:
        between = re.escape(delimiter)
        cell = rf'[^{between}"\r\n]'
        cells = [f"({cell}*)"] * len(self._reader.manner.header)
        cells[self._email or 0] = f"{cell}{{1,{_LONGEST_EMAIL}}}"
        if self._time is not None:
            cells[self._time] = _COMMON_DAY
        # Two groups more: of one alone `findall` would make no tuple.
        line = rf"^{between.join(cells)}()(\r?)\n"
        return re.compile(line, re.ASCII | re.MULTILINE)

    def _is_common_yes(self, found: tuple[str, ...]) -> bool:
        cells = list(found[:-2])
        places = sorted(place for place in (self._email, self._time) if place is not None)
        for place in places:
            if place == self._email:
                cells.insert(place, "")
            else:
                cells[place] = f"{cells[place]}T00:00:00Z"
        return self.is_yes(cells)

    def _moment(self, text: str) -> tuple[int, str] | None:
        common = _COMMON.fullmatch(text)
        if common:
            day, hour, minute, second = common.groups()
            if (begins := self._day(day)) is not None:
                since = int(hour) * 3600 + int(minute) * 60 + int(second)
                return begins + since * 1_000_000, f"{text[:-1]}.000000Z"
        at = self._times.get(text)
        if at is None:
            at = self._read_time(text)
        return None if at is None else (at, rfc3339_micros(at))

    def _read_time(self, text: str) -> int | None:
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
