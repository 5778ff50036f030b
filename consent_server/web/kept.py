"""Kept connections: a request whose head came before is answered without reading it again.

Whoever asks much keeps a connection and sends the same head again and again, byte for byte;
only the body differs. What gunicorn made of such a head the first time is kept, so nothing
of HTTP is parsed here: a head is known, or it is gunicorn's. And whoever reads it answers
it: handing it to a thread and back costs as much as all else, because threads take turns at
the interpreter.
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

from .swift import LEFT

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIEnvironment

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

    caller: Any
    # A request of it is being answered elsewhere; more came meanwhile, and waits.
    busy: bool = False
    paused: bool = False
    # When it will have been idle for too long, by the last answer given here.
    until: float = 0.0
    # What is left to the pool: the bytes, and what was found out about them already.
    came: bytes = b""
    learnt: dict[str, Any] = field(default_factory=dict)


def line_of(conn: Any) -> Line:
    """Give what is to be known of one of gunicorn's connections."""
    try:
        line: Line = conn.line
    except AttributeError:
        line = conn.line = Line(conn.client)
    return line


class Known(NamedTuple):
    """A head that came before: which door it is for, and what it says."""

    door: Swift
    environ: WSGIEnvironment
    # Of its body.
    length: int


class Heads:
    """The heads that came lately, with what gunicorn made of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, bytes], Known] = {}

    def find(self, caller: Any, came: bytes) -> tuple[Known, bytes] | None:
        """Give what is known of a request's head, and its body; None unless all of it came."""
        end = came.find(_END) + len(_END)
        known = self._known.get((caller, came[:end]))
        if known is None or len(came) - end != known.length:
            return None
        return known, came[end:]

    def keep(self, caller: Any, came: bytes, door: Swift, environ: WSGIEnvironment) -> None:
        """Keep what was made of a head, if its request came whole and alone."""
        end = came.find(_END) + len(_END)
        length = environ.get("CONTENT_LENGTH", "")
        if not (
            len(_END) <= end <= _LONGEST
            and environ["SERVER_PROTOCOL"] == "HTTP/1.1"
            and length.isascii()
            and length.isdecimal()
            and len(came) - end == int(length)
        ):
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        said = {name: value for name, value in environ.items() if name not in _ITS_OWN}
        self._known[caller, came[:end]] = Known(door, said, int(length))


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
