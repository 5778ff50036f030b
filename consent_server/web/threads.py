"""gunicorn's worker, as we use it: what comes again is answered by whoever reads it."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from threading import local
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Final

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from ..db import hurry
from .kept import Heads, Lane, Line, Turn, line_of
from .shares import shares
from .wire import answer, status_of

if TYPE_CHECKING:
    from .swift import Waits

# As much as one look reads; more than that is the pool's.
_BLOCK: Final = 65536
# Seconds that an answer at once may take, and how long the pool then answers instead.
_SLOW: Final = 0.2
_A_MOMENT: Final = 1.0


class Threads(ThreadWorker):  # type: ignore[misc] # it publishes no types
    """gunicorn's threaded worker, which refuses in our words.

    What comes on a kept connection for a swift door it answers itself (kept.py): what only
    reads at once, what may wait for others in a thread of its own. Everything else is left to
    the pool of threads, as gunicorn does.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lane = Lane(self._end, self._broke)
        # Until when nothing is answered by whoever reads it.
        self._pool_until = 0.0
        # What each thread of the pool is busy with.
        self._serving = local()

    def init_process(self) -> None:
        """Begin, after the fork."""
        self._lane.start()
        super().init_process()

    def run(self) -> None:
        """Answer until told to stop; whoever waits here keeps everybody waiting."""
        hurry(_SLOW)
        super().run()

    def load_wsgi(self) -> None:
        """Take up the application, and tell it what is known of a request."""
        super().load_wsgi()
        self.application: Any = self.wsgi  # type: ignore[has-type] # theirs
        self.wsgi = self._told
        self._heads = Heads(self.cfg, self.application)

    def _told(self, environ: Any, start_response: Any) -> Any:
        line: Line | None = getattr(self._serving, "line", None)
        if line is not None:
            environ.update(line.learnt)
        return self.application(environ, start_response)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request in a thread of the pool."""
        line = self._serving.line = line_of(conn)
        try:
            return super().handle_request(req, conn)
        finally:
            line.learnt = {}
            self._serving.line = None

    def accept(self, listener: Any) -> None:
        """Take a connection that waits, unless a worker that holds fewer is quicker."""
        shares.wait(self.nr_conns)
        super().accept(listener)
        shares.tell(self.age, self.nr_conns)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Answer what came on a kept connection, or leave it to the pool."""
        line = line_of(conn)
        if line.busy:
            self._pause(conn, line)
            return
        try:
            came = client.recv(_BLOCK) if self.alive else b""
        except BlockingIOError:
            return
        except OSError:
            # The pool hears the same, and closes it.
            came = b""
        found = self._heads.find(conn, came) if came else None
        if found is None or not self._answered(Turn.of(conn, came, *found), line):
            self._to_pool(conn, came)

    def _answered(self, turn: Turn, line: Line) -> bool:
        try:
            taken = self._take(turn, line) if turn.known.door.waits else self._tell(turn, line)
        except Exception as error:  # noqa: BLE001 - the pool meets it again, and answers
            self._complain(error)
            taken = False
        if not taken:
            line.busy, line.learnt = False, turn.learnt()
        return taken

    def _take(self, turn: Turn, line: Line) -> bool:
        # Before it is taken: it may have been answered when `take` comes back.
        line.busy = True
        return self._lane.take(turn)

    def _tell(self, turn: Turn, line: Line) -> bool:
        if monotonic() < self._pool_until:
            return False
        answer = turn.known.door.answer(turn.environ)
        if perf_counter() - turn.begun > _SLOW:
            # The database keeps us waiting: it shall keep others waiting, for a moment.
            self._pool_until = monotonic() + _A_MOMENT
        if answer is not None:
            self._send(turn.conn, line, turn.written(answer))
        return answer is not None

    def _end(self, turn: Turn, waits: Waits) -> None:
        # In the lane's thread.
        line, answer = line_of(turn.conn), waits.answer()
        if answer is not None:
            self._send(turn.conn, line, turn.written(answer))
        else:
            line.learnt = turn.learnt()
            self.method_queue.defer(self._leave, turn.conn, line, turn.came)

    def _broke(self, turn: Turn, error: Exception) -> None:
        self._complain(error)
        self.method_queue.defer(self._drop, turn.conn, line_of(turn.conn))

    def _send(self, conn: Any, line: Line, answer: bytes) -> None:
        line.busy = True
        try:
            sent = conn.sock.send(answer)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.method_queue.defer(self._drop, conn, line)
            return
        if sent < len(answer):
            self.method_queue.defer(self._send_slowly, conn, line, answer[sent:])
            return
        line.until = monotonic() + self.cfg.keepalive
        line.busy = False
        if line.paused:
            self.method_queue.defer(self._resume, conn, line)

    # What follows happens in the main thread alone, which owns poller and connections.

    def _to_pool(self, conn: Any, came: bytes) -> None:
        if came:
            conn.parser.unreader.unread(came)
        super().on_client_socket_readable(conn, conn.sock)

    def _leave(self, conn: Any, line: Line, came: bytes) -> None:
        line.busy = False
        self._resume(conn, line)
        self._to_pool(conn, came)

    def _pause(self, conn: Any, line: Line) -> None:
        # A level-triggered poller would tell of the same bytes again and again.
        self.poller.unregister(conn.sock)
        line.paused = True
        if not line.busy:
            self._resume(conn, line)

    def _resume(self, conn: Any, line: Line) -> None:
        if line.paused:
            line.paused = False
            told = partial(self.on_client_socket_readable, conn)
            self.poller.register(conn.sock, EVENT_READ, told)

    def _drop(self, conn: Any, line: Line) -> None:
        self._let_go(conn, line)
        self.nr_conns -= 1
        conn.close()

    def _send_slowly(self, conn: Any, line: Line, rest: bytes) -> None:
        self._let_go(conn, line)
        line.busy = False
        job = self.tpool.submit(_send_all, conn, rest)
        job.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def _let_go(self, conn: Any, line: Line) -> None:
        self._resume(conn, line)
        self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - theirs
        """Close connections that were idle for too long; not those answered here since."""
        shares.tell(self.age, self.nr_conns)
        now = monotonic()
        for _ in range(0 if force else len(self.keepalived_conns)):
            conn = self.keepalived_conns[0]
            line = line_of(conn)
            answered = line.busy or (self.alive and line.until > now)
            if conn.timeout > now or not answered:
                break
            self.keepalived_conns.rotate(-1)
            conn.timeout = max(line.until, now + 1)
        super().murder_keepalived(force)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that was never handed to the application."""
        status, detail = status_of(exc)
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            self._complain(exc)
        try:
            util.write_nonblock(client, answer(status, detail))
        except OSError:
            self.log.debug("the caller has gone")

    def _complain(self, error: Exception) -> None:
        # Neither the address nor the message: both may name a person.
        self.log.error("a request broke: %s", type(error).__name__)


def _send_all(conn: Any, rest: bytes) -> bool:
    try:
        conn.sock.settimeout(None)
        conn.sock.sendall(rest)
    except OSError:
        return False
    return True
