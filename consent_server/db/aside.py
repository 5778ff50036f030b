"""Connections beside the pool, kept for one use by whoever used them last.

The pool looks at a connection when it is lent and when it comes back, which on the hottest
paths costs as much as a statement. These are looked at only once they are old, and all of
them are closed when one fails: what broke it has broken those that wait, too.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

_LIFETIME_SECONDS: Final = 1800


class Line(Protocol):
    """A connection, dressed for its use."""

    def close(self) -> None:
        """Hang up."""


Kind = TypeVar("Kind", bound=Line)


class Lent(Generic[Kind]):
    """A connection that is lent: whoever has it keeps or drops it afterwards."""

    __slots__ = ("_idle", "_until", "line")

    def __init__(self, line: Kind, idle: list[Lent[Kind]]) -> None:
        self.line, self._idle = line, idle
        self._until = monotonic() + _LIFETIME_SECONDS

    def old(self) -> bool:
        """Tell whether another is better made in its place."""
        return monotonic() > self._until

    def keep(self) -> None:
        """Keep it for the next: it did what it should."""
        self._idle.append(self)

    def drop(self) -> None:
        """Close it, which did not, and those that wait."""
        self.line.close()
        _close_all(self._idle)


class Aside(Generic[Kind]):
    """The connections of one use; `dress` makes of the driver's own what is lent."""

    def __init__(self, dress: Callable[[Engine, Any], Kind]) -> None:
        self._dress = dress
        # Those that wait; the one used last is used next.
        self._idle: WeakKeyDictionary[Engine, list[Lent[Kind]]] = WeakKeyDictionary()

    def take(self, engine: Engine) -> Lent[Kind]:
        """Lend one."""
        idle = self._idle.get(engine)
        if idle is None:
            idle = self._begin(engine)
        try:
            lent = idle.pop()
        except IndexError:
            return self._opened(engine, idle)
        if lent.old():
            lent.line.close()
            return self._opened(engine, idle)
        return lent

    def _begin(self, engine: Engine) -> list[Lent[Kind]]:
        idle = self._idle.setdefault(engine, [])
        event.listen(engine, "engine_disposed", lambda _: _close_all(idle))
        return idle

    def _opened(self, engine: Engine, idle: list[Lent[Kind]]) -> Lent[Kind]:
        pooled = engine.raw_connection()
        raw = pooled.driver_connection
        # The pool is for transactions of all kinds; these would use it up.
        pooled.detach()
        return Lent(self._dress(engine, raw), idle)


def _close_all(idle: list[Lent[Kind]]) -> None:
    while idle:
        idle.pop().line.close()
