"""A small application of one room, with every manner of the web room and no database."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask

from consent_server import web
from consent_server.config import Settings
from consent_server.keyring import Keyring
from consent_server.problems import NotFound
from consent_server.web import fields
from tests.support.clock import HandClock

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Response

ADDRESS = "jeanne.martin@example.com"
ORIGIN = "https://shop.example"
SITE = "site_0000000000001"
TOKEN = "a-token-nobody-else-should-see"


class Who(web.Schema):
    """A person, by one identifier."""

    email = fields.Text(least=3, most=320)
    visitor = fields.Text(most=64)


class Asked(web.Schema):
    """A question with one field of every kind."""

    subject = fields.Part(Who, required=True)
    purpose = fields.Slug(required=True)
    channel = fields.Choice(["email", "phone"], load_default="email")
    at = fields.Instant()
    count = fields.Integer(least=1, most=10)
    explain = fields.Flag()
    version = fields.PublicId("ntv")
    choices = fields.Table(fields.Slug(), fields.Choice(["granted", "refused"]), most=3)
    names = fields.Items(fields.Text(most=5), most=2)


class Answered(web.Schema):
    """The answer."""

    allowed = fields.Flag(required=True)
    because = fields.Text(required=True)


class Page(web.Schema):
    """Which part of the list."""

    after = fields.Integer(least=0, load_default=0)
    wait = fields.Flag(load_default=False)
    channel = fields.Choice(["email", "phone"])


def make(data: Path, clock: HandClock | None = None, **environment: str) -> Flask:
    """Build the application in a folder of its own."""
    settings = Settings.from_environment({"CONSENT_DATA": str(data), **environment})
    Keyring.create(settings.keys)
    app = Flask("example", static_folder=None)
    app.extensions["consent.settings"] = settings
    app.extensions["consent.clock"] = clock or HandClock()
    app.extensions["consent.keyring"] = Keyring.open(settings.keys)
    app.extensions["example.waiting"] = []
    app.extensions["example.may_see"] = False
    api = web.Contract()
    web.install(
        app,
        api,
        ready=lambda: list(app.extensions["example.waiting"]),
        may_see_metrics=lambda: bool(app.extensions["example.may_see"]),
    )
    web.believe_proxies(app, settings)
    api.register_blueprint(_door())
    return app


def _door() -> web.Door:
    door = web.Door("example", __name__, description="An example of a room.")

    @door.post("/v1/permissions")
    @door.takes(Asked)
    @door.answers(HTTPStatus.OK, Answered, description="The answer and its reason.")
    @door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_REQUIRED)
    @door.repeatable
    def ask(body: dict[str, Any]) -> dict[str, Any]:
        """Ask whether a person may be contacted.

        The answer names its reason.
        """
        return {"allowed": False, "because": repr(sorted(body))}

    @door.post("/v1/sites/<site>/decisions")
    @door.open_to(_origins)
    @door.takes(Asked, most_bytes=2048)
    @door.answers(HTTPStatus.CREATED, Answered)
    def decide(body: dict[str, Any], site: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Record a choice."""
        web.limit("decisions", f"{site}|{web.client_prefix()}")
        return {"allowed": True, "because": body["purpose"]}, {"X-Example": "yes"}

    @door.get("/v1/events")
    @door.takes_query(Page)
    @door.answers(HTTPStatus.OK, Answered)
    def events(asked: dict[str, Any]) -> dict[str, Any]:
        """Read the feed."""
        return {"allowed": asked["wait"], "because": str(asked["after"])}

    @door.page("/u/<token>")
    def unsubscribe(token: str) -> Response:
        if token == TOKEN:
            raise NotFound(f"the token {token} is not known")
        if token == "broken":
            raise RuntimeError(f"{ADDRESS} broke it")
        return web.render_page(
            "web/error.html", language="fr", title="Au revoir", explanation=""
        )

    return door


def _origins(site: str) -> frozenset[str]:
    if site != SITE:
        raise NotFound
    return frozenset({ORIGIN, "http://localhost:8001"})
