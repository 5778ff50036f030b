"""The swift door: the plain lookup, answered in front of Flask.

It answers one question about one person when everything it needs but the facts is already
in memory: who calls, the organisation's keys, the configuration. It reads by the same
schema, asks the same question, judges by the same rules and keeps the same manners as the
route (routes.py); the two answer byte for byte alike. Whatever is unusual, every refusal
and every fault are Flask's: it gets the request as if nobody had touched it.
"""

from __future__ import annotations

from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..db import TROUBLE, db
from ..organisations import Scope, holder_kept, keys_kept
from ..organisations.auth import bearer
from ..problems import Problem
from ..subjects import NotAnIdentifier
from ..web import limits, manners
from ..web.read import JSON
from ..web.schema import load
from ..web.strict_json import parse
from .gather import gather
from .lookup import Question, decide, hashes_of
from .schemas import PermissionQuestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

    from ..organisations import Caller

# The route (routes.py) is told in the same words.
PATH: Final = "/v1/permissions"
RATE: Final = "lookups"
HEADERS: Final = {"Cache-Control": "no-store"}

_ABSENT: Final = frozenset({"HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "HTTP_EXPECT"})
_PLAIN: Final = frozenset({"subject", "purpose", "channel"})
# What Flask then says in full.
_REFUSED: Final[tuple[type[Exception], ...]] = (Problem, NotAnIdentifier, *TROUBLE)
_reader: Final = PermissionQuestion()


class SwiftDoor:
    """Stands before an application, and knows one address."""

    def __init__(self, app: Flask) -> None:
        self.flask: WSGIApplication = app.wsgi_app
        self._app = app
        self._manners: manners.Manners = app.extensions[manners.NAME]
        self._clock = app.extensions["consent.clock"]
        self._most: int = app.extensions["consent.settings"].limits.body_bytes
        self._more = self._manners.headers.of_json(HEADERS)
        with app.app_context():
            self._engine = db.engine

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer, or hand over to Flask."""
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "POST":
            begun = perf_counter()
            caller = self._caller(environ)
            answer = self._answer(environ, caller) if caller is not None else None
            if answer is not None:
                body, quota = answer
                name = manners.new_name()
                start_response("200 OK", self._headers(body, quota, name))
                self._manners.note(PATH, "POST", 200, begun, name)
                return [body]
        return self.flask(environ, start_response)

    def _caller(self, environ: WSGIEnvironment) -> Caller | None:
        """Tell who calls, before anything of the body is read; None for the unusual."""
        if environ.get("CONTENT_TYPE") != JSON or environ.get("QUERY_STRING"):
            return None
        if not _ABSENT.isdisjoint(environ) or environ.get("SCRIPT_NAME"):
            return None
        key = bearer(environ.get("HTTP_AUTHORIZATION", ""))
        caller = holder_kept(self._app, key, now=self._clock()) if key else None
        return caller if caller is not None and Scope.LOOKUP in caller.scopes else None

    def _answer(
        self, environ: WSGIEnvironment, caller: Caller
    ) -> tuple[bytes, limits.Quota] | None:
        length = environ.get("CONTENT_LENGTH", "")
        if not length.isascii() or not length.isdecimal() or int(length) > self._most:
            return None
        raw = environ["wsgi.input"].read(int(length))
        # Whoever reads it after us finds it whole.
        environ["wsgi.input"] = BytesIO(raw)
        try:
            return self._judge(environ, caller, load(_reader, parse(raw)))
        except _REFUSED:
            return None

    def _judge(
        self, environ: WSGIEnvironment, caller: Caller, body: dict[str, Any]
    ) -> tuple[bytes, limits.Quota] | None:
        ((kind, text),) = body["subject"].items()
        keys = keys_kept(self._app, caller.organisation)
        # How a phone is read hangs on the configuration, which is known only afterwards.
        if keys is None or kind.endswith("phone") or not body.keys() <= _PLAIN:
            return None
        now = self._clock()
        name, hashes = hashes_of(keys, kind, text, region="")
        quota = environ[limits.COUNTED] = limits.count(self._app, RATE, caller.key_id)
        if quota.exceeded:
            return None
        found = gather(self._engine, caller.organisation, name, hashes)
        configuration = notices.configuration_kept(
            self._app, caller.organisation, found.version
        )
        if configuration is None:
            return None
        asked = Question(purpose=body["purpose"], channel=body.get("channel"))
        said = decide(asked, found, configuration, now)
        return self._app.json.dumps(said).encode(), quota

    def _headers(self, body: bytes, quota: limits.Quota, name: str) -> list[tuple[str, str]]:
        return [
            ("Content-Type", JSON),
            ("Content-Length", str(len(body))),
            *HEADERS.items(),
            *quota.headers(),
            *self._more,
            ("X-Request-Id", name),
        ]
