"""Swift doors: plain WSGI in front of Flask, for the addresses that are asked most.

A door answers the plain case of one address when all it needs but the facts is in memory.
It reads by the same schema, acts by the same code and keeps the same manners as the route
behind it; the two answer byte for byte alike. Whatever is unusual, every refusal and every
fault are Flask's: it gets the request as if nobody had touched it.
"""

from __future__ import annotations

from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from . import manners
from .read import JSON
from .strict_json import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

    Answer = tuple[bytes, list[tuple[str, str]]]

# Where a request carries what went wrong when a door in front acted on it.
FAILED: Final = "consent.failed"
# That a door has tried a request already: it is Flask's now.
LEFT: Final = "consent.left"
# Who asks only which door a request is for, and is told by an exception (kept.py).
ASKED: Final = "consent.asked"
# Where an application keeps its doors.
_DOORS: Final = "consent.doors"
_UNUSUAL: Final = frozenset(
    {"HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "HTTP_EXPECT", LEFT}
)


class Waits:
    """An answer that has to wait for its turn: what a door has begun, and ends later."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.environ = environ

    def enter(self) -> bool:
        """Stand in line; tells whether it has to lead at once."""
        raise NotImplementedError

    @property
    def leads(self) -> bool:
        """Tell whether it has to serve those who stand in line."""
        raise NotImplementedError

    def lead(self) -> None:
        """Serve them, itself first."""
        raise NotImplementedError

    def answer(self) -> Answer | None:
        """Give body and headers once it was served, as `Swift.answer` gives them."""
        raise NotImplementedError


class Found(Exception):
    """The door that a request is for, and the request as it came to it."""

    def __init__(self, door: Swift, environ: WSGIEnvironment) -> None:
        super().__init__(door.route)
        self.door, self.environ = door, environ


class Swift:
    """Stands before an application, and knows one address that is posted to."""

    # The route behind it, as the figures name it, and how it answers the plain case.
    route = ""
    status = "200 OK"
    # How every request begins that is for it, and perhaps others.
    beginning = b""
    # Whether what it is asked may have to wait for others: `begin` takes it up then.
    waits = False

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.flask: WSGIApplication = app.wsgi_app
        self.clock = app.extensions["consent.clock"]
        self._manners: manners.Manners = app.extensions[manners.NAME]
        self._most: int = app.extensions["consent.settings"].limits.body_bytes
        self._code = int(self.status[:3])
        app.extensions.setdefault(_DOORS, []).append(self)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer, or hand over to Flask."""
        if environ["REQUEST_METHOD"] == "POST" and self.knows(environ["PATH_INFO"]):
            begun = perf_counter()
            answer = self._answer(environ) if _plain(environ) else None
            if answer is not None:
                body, headers = answer
                self.note(headers, begun)
                start_response(self.status, headers)
                return [body]
        return self.flask(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Answer | None:
        if ASKED in environ:
            raise Found(self, environ)
        return self.answer(environ)

    def note(self, headers: list[tuple[str, str]], begun: float) -> None:
        """Give an answer its name, count it and write its line."""
        name = manners.new_name()
        headers.append(("X-Request-Id", name))
        self._manners.note(self.route, "POST", self._code, begun, name)

    def knows(self, path: str) -> bool:
        """Tell whether this is the door's address."""
        raise NotImplementedError

    def answer(self, environ: WSGIEnvironment) -> Answer | None:
        """Give body and headers, all but the request's name; None for the unusual."""
        raise NotImplementedError

    def begin(self, environ: WSGIEnvironment, wake: Callable[[Waits], None]) -> Waits | None:
        """Take up what waits for its turn; None for the unusual.

        `wake` is called, from any thread, when it was served, or has to lead.
        """
        raise NotImplementedError

    def body(self, environ: WSGIEnvironment) -> dict[str, Any] | None:
        """Read the object that a plain request carries; raises a `Problem` for a bad one."""
        raw = self.raw(environ)
        return parse(raw) if raw is not None else None

    def raw(self, environ: WSGIEnvironment) -> bytes | None:
        """Read what a request carries that says how much; None for too much."""
        length = environ.get("CONTENT_LENGTH", "")
        if not length.isascii() or not length.isdecimal() or int(length) > self._most:
            return None
        raw: bytes = environ["wsgi.input"].read(int(length))
        # Whoever reads it after us finds it whole.
        environ["wsgi.input"] = BytesIO(raw)
        return raw


def beginnings(app: Flask) -> tuple[bytes, ...]:
    """Tell how requests begin that a door may be there for."""
    doors: list[Swift] = app.extensions.get(_DOORS, [])
    return tuple(door.beginning for door in doors)


def door_for(app: Flask, environ: WSGIEnvironment) -> Found | None:
    """Find the door that a request is for, as it comes to it; nothing is done there."""
    doors: list[Swift] = app.extensions.get(_DOORS, [])
    if _plain(environ) and any(door.knows(environ["PATH_INFO"]) for door in doors):
        try:
            app.wsgi_app({**environ, ASKED: True}, _nothing)
        except Found as found:
            del found.environ[ASKED]
            return found
    return None


def _nothing(*_: Any) -> Any:
    raise NotImplementedError("it was asked for, not answered")


def refuse_failed(environ: WSGIEnvironment) -> None:
    """Raise what went wrong at a door in front: what it tried is not tried again."""
    failed: Exception | None = environ.pop(FAILED, None)
    if failed is not None:
        raise failed


def _plain(environ: WSGIEnvironment) -> bool:
    return (
        environ.get("CONTENT_TYPE") == JSON
        and not environ.get("QUERY_STRING")
        and not environ.get("SCRIPT_NAME")
        and _UNUSUAL.isdisjoint(environ)
    )
