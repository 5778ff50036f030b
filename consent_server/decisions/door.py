"""The swift door: a visitor's choice, taken in front of Flask.

It takes a choice from a site's own page when site and keys are in memory, and records it by
the same code as the route (banner.py). What the recording refuses, and what goes wrong in
it, is handed to the route as it was raised, and is not tried a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..organisations import keys_kept, site_kept
from ..problems import Problem
from ..web import cors, limits, manners, privacy_control
from ..web.read import JSON
from ..web.swift import FAILED, Swift, Waits
from .read_choice import read_choice
from .tally import answered, tally
from .visit import RATE, Visit, asker, enter, in_line, lead, record, said_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from ..organisations import SiteInForce
    from ..web.swift import Answer
    from .values import Written

_BEFORE: Final = "/v1/sites/"
_AFTER: Final = "/decisions"
_SITE: Final = slice(len(_BEFORE), -len(_AFTER))


class _Choice(Waits):
    """A visitor's choice that stands in line to be recorded."""

    def __init__(
        self,
        door: SwiftDoor,
        environ: WSGIEnvironment,
        visit: Visit,
        quota: limits.Quota,
        wake: Callable[[Waits], None],
    ) -> None:
        super().__init__(environ)
        self._door, self._visit, self._quota = door, visit, quota
        self._member = in_line(visit, lambda: wake(self))

    def enter(self) -> bool:
        """Stand in line; tells whether it has to lead at once."""
        return enter(self._member, self._door.app)

    @property
    def leads(self) -> bool:
        """Tell whether it has to lead."""
        return self._member.leads

    def lead(self) -> None:
        """Record it, and those that stand in line with it."""
        lead(self._member, self._door.app)

    def answer(self) -> Answer | None:
        """Say what was recorded; None when it was not, and is Flask's to say."""
        return self._door.written(
            self.environ, self._visit, self._quota, lambda: self._member.result
        )


class SwiftDoor(Swift):
    """Takes the choices of visitors of sites that were just asked for."""

    route = f"{_BEFORE}<site_id>{_AFTER}"
    beginning = f"POST {_BEFORE}".encode()
    status = "201 CREATED"
    waits = True

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        opened = dict(cors.told(None, ()))
        self._more = app.extensions[manners.NAME].headers.of_json(opened)

    def knows(self, path: str) -> bool:
        """Tell whether this is the door's address."""
        return path.endswith(_AFTER) and path.startswith(_BEFORE)

    def answer(self, environ: WSGIEnvironment) -> Answer | None:
        """Record a choice and give its receipt; None for the unusual."""
        ready = self._ready(environ)
        if ready is None:
            return None
        visit, quota = ready
        return self.written(environ, visit, quota, lambda: record(visit, self.app))

    def begin(self, environ: WSGIEnvironment, wake: Callable[[Waits], None]) -> _Choice | None:
        """Take up a choice that is recorded in its turn; None for the unusual."""
        ready = self._ready(environ)
        return _Choice(self, environ, *ready, wake) if ready else None

    def written(
        self,
        environ: WSGIEnvironment,
        visit: Visit,
        quota: limits.Quota,
        write: Callable[[], Written],
    ) -> Answer | None:
        """Count and say what was written; what it was refused with is left to Flask."""
        try:
            written = write()
        except Exception as error:  # noqa: BLE001 - Flask answers it, whatever it is
            environ[FAILED] = error
            return None
        if not written.replayed:
            agent = environ.get("HTTP_USER_AGENT", "")
            tally(visit.site, answered(visit.body["action"], agent), self.app)
        return self._said(environ, visit.site, written, quota)

    def _ready(self, environ: WSGIEnvironment) -> tuple[Visit, limits.Quota] | None:
        site = site_kept(self.app, environ["PATH_INFO"][_SITE])
        origin = environ.get("HTTP_ORIGIN")
        if site is None or (origin is not None and origin not in site.origins):
            return None
        try:
            asked = self.body(environ)
            body = read_choice(asked) if asked else None
        except Problem:
            return None
        keys = keys_kept(self.app, site.organisation) if body else None
        if not body or keys is None:
            return None
        quota = environ[limits.COUNTED] = limits.count(self.app, RATE, asker(site, environ))
        if quota.exceeded:
            return None
        return Visit.of(site, keys, body, gpc=privacy_control(environ)), quota

    def _said(
        self, environ: WSGIEnvironment, site: SiteInForce, written: Written, quota: limits.Quota
    ) -> Answer:
        said, own = said_of(written)
        answer = self.app.json.dumps(said).encode()
        return answer, [
            ("Content-Type", JSON),
            ("Content-Length", str(len(answer))),
            *own.items(),
            *cors.told(environ.get("HTTP_ORIGIN"), site.origins),
            *quota.headers(),
            *self._more,
        ]
