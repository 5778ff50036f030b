"""A whole organisation in a test's hands: its banner, its form, its key, its lookups."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consent_server import notices, organisations
from consent_server.app import create_app
from consent_server.clock import rfc3339
from consent_server.db import db, read, write
from consent_server.ids import new_id, public
from consent_server.keyring import Keyring
from consent_server.organisations.document import load_document
from consent_server.worker import sequence
from tests.support.clock import HandClock
from tests.support.databases import Furniture
from tests.support.make import ACTOR, bearer, make_key

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from consent_server.organisations.document import OrganisationDocument
    from tests.support.databases import Database

FOLDER = Path(__file__).parents[2] / "consent_server" / "demo" / "organisations"
ORIGIN = "http://cubalys.localhost:8001"
TRACKERS = ("analytics", "advertising", "video")


@dataclass
class House:
    """One organisation with everything a journey needs, spoken to through HTTP only."""

    client: FlaskClient
    clock: HandClock
    organisation: int
    site: str
    banner: str
    form: str
    key: str

    def named(self) -> dict[str, Any]:
        """Give what finds it again in a copy of its database."""
        names = ("organisation", "site", "banner", "form", "key")
        return {name: getattr(self, name) for name in names}

    @property
    def headers(self) -> dict[str, str]:
        """Give the header that carries its key."""
        return bearer(self.key)

    def post(self, path: str, body: Any, **more: Any) -> TestResponse:
        """Post JSON with the key."""
        return self.client.post(path, json=body, headers=self.headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Get with the key."""
        return self.client.get(path, headers=self.headers, **more)

    def choice(self, action: str = "accept_all", **but: Any) -> dict[str, Any]:
        """Make the body a banner would send; say only what is different."""
        answer = "granted" if action == "accept_all" else "refused"
        return {
            "id": secrets.token_urlsafe(16),
            "visitor": secrets.token_urlsafe(16),
            "notice_version": self.banner,
            "language": "fr",
            "action": action,
            "choices": dict.fromkeys(TRACKERS, answer),
            "surface": "first_layer",
            "decided_at": rfc3339(self.clock()),
            **but,
        }

    def choose(self, body: dict[str, Any]) -> TestResponse:
        """Send a banner's body as the site's own page would."""
        return self.client.post(
            f"/v1/sites/{self.site}/decisions", json=body, headers={"Origin": ORIGIN}
        )

    def told(self, subject: dict[str, Any], **but: Any) -> dict[str, Any]:
        """Make the body a system would send: a yes to the newsletter on the form."""
        return {
            "subject": subject,
            "choices": {"newsletter": "granted"},
            "notice_version": self.form,
            "source": "website-form",
            "assertion": "witnessed",
            **but,
        }

    def tell(self, subject: dict[str, Any], **but: Any) -> TestResponse:
        """Record what a system saw."""
        return self.post("/v1/decisions", self.told(subject, **but))

    def ask(self, subject: dict[str, Any], purpose: str = "newsletter", **more: Any) -> Any:
        """Ask the lookup; gives its answer."""
        asked = {"subject": subject, "purpose": purpose, **more}
        answer = self.post("/v1/permissions", asked)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def why(self, subject: dict[str, Any], purpose: str = "newsletter", **more: Any) -> str:
        """Ask the lookup; gives the reason, once it agrees with the answer."""
        answer = self.ask(subject, purpose, **more)
        assert answer["allowed"] == (answer["because"] in YES)
        return str(answer["because"])

    def integrate(self) -> None:
        """Let the sequencer give everything pending its place."""
        sequence()

    def at(self, moment: datetime) -> str:
        """Write a moment for a body."""
        return rfc3339(moment)


YES = {
    "consent",
    "soft_opt_in",
    "legitimate_interest",
    "contract",
    "legal_obligation",
    "exempt",
}


@cache  # half of what a test with a house would wait for
def document_of(slug: str) -> OrganisationDocument:
    text = (FOLDER / f"{slug}.yaml").read_text("utf-8")
    return load_document(text, name=slug, variables={"SITE_ORIGIN": ORIGIN})


def declare(house: House, **settings: Any) -> None:
    """Apply the organisation's file again with these settings; its banner may be another."""
    document = document_of("cubalys")
    own = replace(document.organisation.settings, **settings)
    document = replace(document, organisation=replace(document.organisation, settings=own))
    with write(house.organisation) as tx:
        notices.apply_document(tx, document, actor=ACTOR, now=house.clock())
    with read(house.organisation) as tx:
        shown = notices.configuration(tx, house.organisation).banners.values()
    house.banner = public("ntv", next(iter(shown)))


def make_house(app: Flask, clock: HandClock, slug: str = "cubalys") -> House:
    """Apply an organisation's file and hand it over."""
    organisation = new_id()
    with write(organisation) as tx:
        notices.apply_document(tx, document_of(slug), actor=ACTOR, now=clock())
    return house_of(app, clock, organisation)


def house_of(app: Flask, clock: HandClock, organisation: int) -> House:
    """Hand over an organisation that has its notices."""
    key = make_key(clock, organisation)
    with read(organisation) as tx:
        site = organisations.sites_of(tx, organisation)[0]
        banner = notices.banner_of(tx, organisation, site.id)
        current = notices.configuration(tx, organisation).current.values()
        versions = [notices.version(tx, organisation, number) for number in current]
    form = next(each for each in versions if each and each.surface == "form")
    assert banner is not None
    return House(
        client=app.test_client(),
        clock=clock,
        organisation=organisation,
        site=public("site", site.id),
        banner=public("ntv", banner.id),
        form=public("ntv", form.id),
        key=key,
    )


def house_in(
    app: Flask, clock: HandClock, told: dict[str, Any], slug: str = "cubalys"
) -> House:
    """Hand an organisation over that stood in the database already."""
    return House(client=app.test_client(), clock=clock, **told[slug])


def _furnish(slugs: tuple[str, ...], database: Database, data: Path) -> dict[str, Any]:
    settings = database.settings(data, CONSENT_LOG_LEVEL="ERROR")
    Keyring.create(settings.keys)
    clock = HandClock()
    app = create_app(settings, clock=clock)
    with app.app_context():
        made = {slug: make_house(app, clock, slug).named() for slug in slugs}
        db.engine.dispose()
    return made


# What a copied database may hold: applying the files takes longer than most tests do.
HOUSE = Furniture("house", partial(_furnish, ("cubalys",)))
GROUND = Furniture("ground", partial(_furnish, ("cubalys", "hebergis")))
