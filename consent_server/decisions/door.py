"""The swift door: a visitor's choice, taken in front of Flask.

It takes a choice from a site's own page when site and keys are in memory, and records it by
the same code as the route (banner.py). What the recording refuses, and what goes wrong in
it, is handed to the route as it was raised, and is not tried a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..organisations import keys_kept, site_kept
from ..problems import Problem
from ..web import cors, limits, manners, privacy_control
from ..web.read import JSON
from ..web.swift import FAILED, Swift
from .read_choice import read_choice
from .tally import answered, tally
from .visit import RATE, Visit, asker, record, said_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from ..organisations import SiteInForce
    from ..web.swift import Answer
    from .values import Written

_BEFORE: Final = "/v1/sites/"
_AFTER: Final = "/decisions"
_SITE: Final = slice(len(_BEFORE), -len(_AFTER))


class SwiftDoor(Swift):
    """Takes the choices of visitors of sites that were just asked for."""

    route = f"{_BEFORE}<site_id>{_AFTER}"
    status = "201 CREATED"

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        opened = dict(cors.told(None, ()))
        self._more = app.extensions[manners.NAME].headers.of_json(opened)

    def knows(self, path: str) -> bool:
        """Tell whether this is the door's address."""
        return path.endswith(_AFTER) and path.startswith(_BEFORE)

    def answer(self, environ: WSGIEnvironment) -> Answer | None:
        """Record a choice and give its receipt; None for the unusual."""
        site = site_kept(self.app, environ["PATH_INFO"][_SITE])
        origin = environ.get("HTTP_ORIGIN")
        if site is None or (origin is not None and origin not in site.origins):
            return None
        try:
            asked = self.body(environ)
            body = read_choice(asked) if asked else None
        except Problem:
            return None
        return self._record(environ, site, body) if body else None

    def _record(
        self, environ: WSGIEnvironment, site: SiteInForce, body: dict[str, Any]
    ) -> Answer | None:
        keys = keys_kept(self.app, site.organisation)
        if keys is None:
            return None
        quota = environ[limits.COUNTED] = limits.count(self.app, RATE, asker(site, environ))
        if quota.exceeded:
            return None
        visit = Visit.of(site, keys, body, gpc=privacy_control(environ))
        try:
            written = record(visit, self.app)
        except Exception as error:  # noqa: BLE001 - Flask answers it, whatever it is
            environ[FAILED] = error
            return None
        if not written.replayed:
            agent = environ.get("HTTP_USER_AGENT", "")
            tally(site, answered(body["action"], agent), self.app)
        return self._said(environ, site, written, quota)

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
