"""The swift door: the plain lookup, answered in front of Flask.

It answers one question about one person when everything it needs but the facts is already
in memory: who calls, the organisation's keys, the configuration. It asks the same question
and judges by the same rules as the route (routes.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..db import TROUBLE, db
from ..organisations import Scope, holder_kept, keys_kept, note_use
from ..organisations.auth import bearer
from ..problems import Problem
from ..subjects import NotAnIdentifier
from ..web import limits, manners
from ..web.read import JSON
from ..web.schema import load
from ..web.strict_json import parse
from ..web.swift import Swift
from .asked import note_asking
from .gather import gather
from .lookup import Question, decide, hashes_of
from .plain import read_plain
from .schemas import PermissionQuestion

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from ..organisations import Caller
    from ..web.swift import Answer

# The route (routes.py) is told in the same words.
PATH: Final = "/v1/permissions"
RATE: Final = "lookups"
HEADERS: Final = {"Cache-Control": "no-store"}

_PLAIN: Final = frozenset({"subject", "purpose", "channel"})
# What Flask then says in full.
_REFUSED: Final[tuple[type[Exception], ...]] = (Problem, NotAnIdentifier, *TROUBLE)
_reader: Final = PermissionQuestion()


class SwiftDoor(Swift):
    """Answers one question about one person, now."""

    route = PATH
    beginning = f"POST {PATH} ".encode()

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self._more = app.extensions[manners.NAME].headers.of_json(HEADERS)
        with app.app_context():
            self._engine = db.engine

    def knows(self, path: str) -> bool:
        """Tell whether this is the door's address."""
        return path == PATH

    def answer(self, environ: WSGIEnvironment) -> Answer | None:
        """Give the lookup's answer; None for the unusual."""
        # Who calls is told before anything of the body is read.
        key = bearer(environ.get("HTTP_AUTHORIZATION", ""))
        caller = holder_kept(self.app, key, now=self.clock()) if key else None
        if caller is None or Scope.LOOKUP not in caller.scopes:
            return None
        try:
            raw = self.raw(environ)
            body = read_plain(raw) or load(_reader, parse(raw)) if raw else None
            return self._judge(environ, caller, body) if body else None
        except _REFUSED:
            return None

    def _judge(
        self, environ: WSGIEnvironment, caller: Caller, body: dict[str, Any]
    ) -> Answer | None:
        ((kind, text),) = body["subject"].items()
        keys = keys_kept(self.app, caller.organisation)
        # How a phone is read hangs on the configuration, which is known only afterwards.
        if keys is None or kind.endswith("phone") or not body.keys() <= _PLAIN:
            return None
        now = self.clock()
        name, hashes = hashes_of(keys, kind, text, region="")
        quota = environ[limits.COUNTED] = limits.count(
            self.app, RATE, caller.key_id, own=caller.quotas.get(RATE)
        )
        if quota.exceeded:
            return None
        found = gather(self._engine, caller.organisation, name, hashes)
        configuration = notices.configuration_kept(self.app, caller.organisation, found.version)
        if configuration is None:
            return None
        asked = Question(purpose=body["purpose"], channel=body.get("channel"))
        said = decide(asked, found, configuration, now)
        note_use(self.app, caller, now)
        note_asking(self.app, caller, said, now)
        answer = self.app.json.dumps(said).encode()
        return answer, [
            ("Content-Type", JSON),
            ("Content-Length", str(len(answer))),
            *HEADERS.items(),
            *quota.headers(),
            *self._more,
        ]
