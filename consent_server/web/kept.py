"""Kept connections: a request for a swift door is answered by whoever reads it.

Handing it to a thread and back costs as much as all else, because threads take turns at the
interpreter. And whoever asks much keeps a connection and sends the same head again and
again, byte for byte; only the body differs. What gunicorn made of such a head is kept:
nothing of HTTP is parsed by us.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gunicorn import SERVER, util
from gunicorn.http import get_parser, wsgi

from .swift import LEFT, beginnings, door_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from .swift import Swift, Waits

# Heads of one process; each is some kilobytes with what was made of it.
_MOST: Final = 512
_LONGEST: Final = 4096
_END: Final = b"\r\n\r\n"
# Of one request alone.
_ITS_OWN: Final = ("wsgi.input", "wsgi.early_hints", "gunicorn.socket")


@dataclass
class Line:
    """What is to be known of a connection, beside what gunicorn keeps of it."""

    # A request of it is being answered elsewhere; more came meanwhile, and waits.
    busy: bool = False
    paused: bool = False
    # When it will have been idle for too long, by the last answer given here.
    until: float = 0.0
    # What was found out already about the request that is left to the pool.
    learnt: dict[str, Any] = field(default_factory=dict)


def line_of(conn: Any) -> Line:
    """Give what is to be known of one of gunicorn's connections."""
    try:
        line: Line = conn.line
    except AttributeError:
        line = conn.line = Line()
    return line


class Known(NamedTuple):
    """A head that came before: which door it is for, and what it says."""

    door: Swift
    environ: WSGIEnvironment
    # Of its body.
    length: int


class Heads:
    """Reads requests for swift doors that came whole, and knows the heads that came lately."""

    def __init__(self, cfg: Any, app: Flask) -> None:
        self._cfg, self._app = cfg, app
        self._beginnings = beginnings(app)
        self._known: dict[tuple[Any, bytes], Known] = {}

    def find(self, conn: Any, came: bytes) -> tuple[Known, bytes] | None:
        """Give what a head says, and the body; None unless it is for a door, and all came."""
        end = came.find(_END) + len(_END)
        head = came[:end]
        known = self._known.get((conn.client, head))
        if known is None:
            if not came.startswith(self._beginnings) or not len(_END) <= end <= _LONGEST:
                return None
            known = self._read(conn, came)
            if known is None:
                return None
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[conn.client, head] = known
        return (known, came[end:]) if len(came) - end == known.length else None

    def _read(self, conn: Any, came: bytes) -> Known | None:
        try:
            request = next(get_parser(self._cfg, iter([came]), conn.client))
            if request.should_close() or "EXPECT" in dict(request.headers):
                return None
            _, environ = wsgi.create(request, conn.sock, conn.client, conn.server, self._cfg)
        except Exception:  # noqa: BLE001 - the pool reads it again, and says what is wrong
            return None
        found = door_for(self._app, environ)
        length = environ.get("CONTENT_LENGTH", "")
        if (
            found is None
            or environ["SERVER_PROTOCOL"] != "HTTP/1.1"
            or not (length.isascii() and length.isdecimal())
        ):
            return None
        said = {name: value for name, value in found.environ.items() if name not in _ITS_OWN}
        return Known(found.door, said, int(length))


@dataclass(eq=False)
class Turn:
    """One request that is answered here."""

    conn: Any
    known: Known
    came: bytes
    environ: WSGIEnvironment
    begun: float = field(default_factory=perf_counter)

    @classmethod
    def of(cls, conn: Any, came: bytes, known: Known, body: bytes) -> Turn:
        """Take up a request."""
        return cls(conn, known, came, {**known.environ, "wsgi.input": BytesIO(body)})

    def learnt(self) -> dict[str, Any]:
        """Give what its door wrote beside it for those behind: it must not happen twice."""
        kept = self.known.environ
        found = {
            name: value
            for name, value in self.environ.items()
            if name not in kept and name != "wsgi.input"
        }
        return {**found, LEFT: True} if found else {}

    def written(self, answer: tuple[bytes, list[tuple[str, str]]]) -> bytes:
        """Write an answer as gunicorn does."""
        body, headers = answer
        door = self.known.door
        door.note(headers, self.begun)
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        return f"{_opening(door.status, int(monotonic()))}{lines}\r\n".encode("latin-1") + body


@lru_cache(maxsize=8)
def _opening(status: str, _second: int) -> str:
    # Written once a second.
    date = util.http_date()
    return (
        f"HTTP/1.1 {status}\r\nServer: {SERVER}\r\nDate: {date}\r\nConnection: keep-alive\r\n"
    )


class Lane:
    """A thread of its own for those who wait for their turn: it leads them, and answers.

    `end` is told who was served, in that thread; `broke` whose serving failed altogether.
    """

    def __init__(
        self,
        end: Callable[[Turn, Waits], None],
        broke: Callable[[Turn, Exception], None],
    ) -> None:
        self._end, self._broke = end, broke
        self._woken: SimpleQueue[tuple[Turn, Waits]] = SimpleQueue()

    def start(self) -> None:
        """Begin; in the process that answers, after it was forked."""
        Thread(target=self._run, name="lane", daemon=True).start()

    def take(self, turn: Turn) -> bool:
        """Take up a request that waits for its turn; False for the unusual."""
        waits = turn.known.door.begin(
            turn.environ, lambda waits: self._woken.put((turn, waits))
        )
        if waits is not None and waits.enter():
            self._woken.put((turn, waits))
        return waits is not None

    def _run(self) -> None:
        leaders: deque[tuple[Turn, Waits]] = deque()
        while True:
            # Who was served is answered before the next group is led: meanwhile its
            # successors arrive, and share that group.
            try:
                turn, waits = self._woken.get(block=not leaders)
            except Empty:
                turn, waits = leaders.popleft()
            else:
                if waits.leads:
                    leaders.append((turn, waits))
                    continue
            try:
                if waits.leads:
                    waits.lead()
                self._end(turn, waits)
            except Exception as error:  # noqa: BLE001 - the others go on being served
                self._broke(turn, error)
