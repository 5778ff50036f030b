"""Every reason, as a system meets it: through HTTP, from facts that were sent through HTTP."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from consent_server import notices
from consent_server.db import write
from consent_server.ids import public
from consent_server.organisations.document import (
    document_as_json,
    load_document,
    parse_document,
)
from tests.support.ground import ground
from tests.support.house import FOLDER, ORIGIN
from tests.support.make import ACTOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.clock import HandClock
    from tests.support.ground import Ground
    from tests.support.house import House

    Scene = Callable[["World", dict[str, str]], None]

__all__ = ["ground"]
_numbers = count(1)
SALE = {"direct": True, "in_sale": True, "similar": True, "refusal_offered": True}
PAPER = {"assertion": "evidenced", "evidence": "signed form 12"}


class World:
    """One organisation that also calls about works on homes."""

    def __init__(self, ground: Ground) -> None:
        self.house: House = ground.ours
        self.clock: HandClock = ground.clock
        text = (FOLDER / "cubalys.yaml").read_text("utf-8")
        variables = {"SITE_ORIGIN": ORIGIN}
        document = document_as_json(load_document(text, name="", variables=variables))
        purposes = {each["slug"]: each for each in document["purposes"]}
        works = {"slug": "works.phone", "family": "works", "sector": "energy_renovation"}
        document["purposes"].append({**purposes["prospecting.phone"], **works})
        script = next(each for each in document["notices"] if each["slug"] == "sales-call")
        script["purposes"].append("works.phone")
        with write(self.house.organisation) as tx:
            notices.apply_document(tx, parse_document(document), actor=ACTOR, now=self.clock())
            current = notices.configuration(tx, self.house.organisation).current.values()
            shown = [notices.version(tx, self.house.organisation, each) for each in current]
        said = next(each for each in shown if each and each.surface == "call_script")
        self.script = public("ntv", said.id)

    def known(self, who: dict[str, str], **facts: Any) -> None:
        body = {"identifiers": [who], "source": "meeting", **facts}
        answer = self.house.post("/v1/subjects", body)
        assert answer.status_code == 201, answer.get_json()

    def tell(self, who: dict[str, str], answer: str, purpose: str, **but: Any) -> None:
        if "phone" in purpose:
            but = {"notice_version": self.script, **but}
        said = self.house.tell(who, choices={purpose: answer}, **but)
        assert said.status_code == 201, said.get_json()["errors"]

    def since(self, kind: str, **but: Any) -> list[dict[str, Any]]:
        return [{"kind": kind, "since": self.house.at(self.clock()), **but}]


@pytest.fixture(scope="module")
def world(ground: Ground) -> World:
    """Give one organisation for all scenes; each brings people of its own."""
    return World(ground)


def _consent(world: World, ada: dict[str, str]) -> None:
    world.tell(ada, "granted", "newsletter")


def _soft_opt_in(world: World, ada: dict[str, str]) -> None:
    collection = {**SALE, "seller": "cubalys", "at": world.house.at(world.clock())}
    world.known(ada, relationships=world.since("customer"), collection=collection)


def _worker(world: World, ada: dict[str, str]) -> None:
    world.known(ada, relationships=world.since("prospect"), capacity="professional")


def _generic(world: World, ada: dict[str, str]) -> None:
    world.known(ada, relationships=world.since("prospect"), capacity="generic")


def _customer(world: World, ada: dict[str, str]) -> None:
    world.known(ada, relationships=world.since("customer"))


def _known(world: World, ada: dict[str, str]) -> None:
    world.known(ada)


def _nobody(_world: World, _ada: dict[str, str]) -> None:
    """Say nothing of anybody."""


def _refused(world: World, ada: dict[str, str]) -> None:
    world.tell(ada, "refused", "newsletter")


def _withdrawn(world: World, ada: dict[str, str]) -> None:
    _consent(world, ada)
    world.clock.advance(minutes=1)
    _refused(world, ada)


def _objected(world: World, ada: dict[str, str]) -> None:
    _worker(world, ada)
    world.tell(ada, "objected", "newsletter.professional")


def _expired(world: World, ada: dict[str, str]) -> None:
    world.tell(ada, "granted", "prospecting.phone", **PAPER)
    world.clock.advance(days=365)


def _suppressed(world: World, ada: dict[str, str]) -> None:
    _consent(world, ada)
    asked = {"subject": ada, "purpose": "marketing"}
    url = world.house.post("/v1/unsubscribe-links", asked).get_json()["url"]
    answer = world.house.client.post(urlsplit(url).path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200


def _restricted(world: World, ada: dict[str, str]) -> None:
    _consent(world, ada)
    world.known(ada, restricted=True)


def _released(world: World, ada: dict[str, str]) -> None:
    _restricted(world, ada)
    world.clock.advance(minutes=1)
    world.known(ada, restricted=False)


def _deceased(world: World, ada: dict[str, str]) -> None:
    _consent(world, ada)
    world.known(ada, deceased=True)


def _minor(world: World, ada: dict[str, str]) -> None:
    _consent(world, ada)
    world.known(ada, birth_year=world.clock().year - 15)


def _past_retention(world: World, ada: dict[str, str]) -> None:
    world.known(ada, relationships=world.since("prospect"))
    world.clock.advance(days=3 * 366)


def _unproven(world: World, ada: dict[str, str]) -> None:
    world.tell(ada, "granted", "email_click_tracking", assertion="asserted")


def _called_at_lunch(world: World, ada: dict[str, str]) -> None:
    world.tell(ada, "granted", "prospecting.phone", **PAPER)
    hours = (12 - world.clock().hour) % 24
    world.clock.advance(hours=hours)


def _works(world: World, ada: dict[str, str]) -> None:
    world.tell(ada, "granted", "works.phone", **PAPER)


SCENES = [
    ("consent", _consent, "newsletter"),
    ("soft_opt_in", _soft_opt_in, "customer_offers"),
    ("legitimate_interest", _worker, "newsletter.professional"),
    ("legitimate_interest", _generic, "newsletter.professional"),
    ("contract", _customer, "service_messages"),
    ("legal_obligation", _known, "accounting"),
    ("exempt", _known, "necessary"),
    ("never_asked", _nobody, "newsletter"),
    ("never_asked", _known, "newsletter"),
    ("refused", _refused, "newsletter"),
    ("withdrawn", _withdrawn, "newsletter"),
    ("objected", _objected, "newsletter.professional"),
    ("expired", _expired, "prospecting.phone"),
    ("suppressed", _suppressed, "newsletter"),
    ("restricted", _restricted, "newsletter"),
    ("consent", _released, "newsletter"),
    ("deceased", _deceased, "newsletter"),
    ("minor", _minor, "newsletter"),
    ("past_retention", _past_retention, "newsletter"),
    ("unproven", _unproven, "email_click_tracking"),
    ("not_now", _called_at_lunch, "prospecting.phone"),
    ("information_missing", _known, "newsletter.professional"),
    ("regime_forbids", _works, "works.phone"),
    ("unknown_purpose", _known, "nothing.of.the.kind"),
]


@pytest.mark.parametrize(
    ("because", "scene", "purpose"),
    [pytest.param(*each, id=f"{each[0]}{each[1].__name__}") for each in SCENES],
)
def test_each_reason_is_answered_and_explained_in_both_languages(
    world: World, because: str, scene: Scene, purpose: str
) -> None:
    number = next(_numbers)
    ada = (
        {"phone": f"+336987{number:05}"}
        if "phone" in purpose
        else {"email": f"ada{number}@people.example"}
    )
    scene(world, ada)
    assert world.house.why(ada, purpose) == because
    said = world.house.ask(ada, purpose, explain="full")
    for language, no in (("en", ("No:", "Not")), ("fr", ("Non", "Pas"))):
        text = said["explanation"][language]
        assert text.startswith(no) is not said["allowed"]
        assert text.splitlines()[1:] == [f"- {step[language]}" for step in said["chain"]]
        assert "{" not in text
        assert "@" not in text.replace("contact@", "")
    assert ("next_permitted_at" in said) is (because == "not_now")
    # The plain question, and one asked of this very moment, are answered alike.
    plain = world.house.ask(ada, purpose)
    told = {name: said[name] for name in plain}
    assert plain == told
    now = world.house.at(world.clock())
    assert world.house.why(ada, purpose, at=now) == because
    assert world.house.why(ada, purpose, at=now, known="now") == because


def test_new_words_that_matter_supersede_a_yes_to_the_old(ground: Ground) -> None:
    house, ada = ground.theirs, {"email": "ada@people.example"}
    house.tell(ada)
    body = {"ask_again": ["newsletter"]}
    assert house.post("/v1/notices/contact-form/versions", body).status_code == 201
    assert house.why(ada) == "superseded"


def test_the_next_permitted_time_is_a_yes_when_it_comes(world: World) -> None:
    ada = {"phone": f"+336987{next(_numbers):05}"}
    _called_at_lunch(world, ada)
    said = world.house.ask(ada, "prospecting", channel="phone")
    assert said["because"] == "not_now"
    after = said["next_permitted_at"]
    world.clock.now = type(world.clock.now).fromisoformat(after.replace("Z", "+00:00"))
    assert world.house.why(ada, "prospecting.phone") == "consent"


def test_pro_4_the_fifth_call_in_thirty_days_waits_and_so_does_one_after_a_refusal(
    world: World,
) -> None:
    ada = {"phone": f"+262692{next(_numbers):06}"}
    world.tell(ada, "granted", "prospecting.phone", **PAPER)
    # A weekday, eleven o'clock in Réunion.
    days = (7 - world.clock().weekday()) % 7 + 7
    world.clock.now = world.clock().replace(hour=7, minute=0)
    world.clock.advance(days=days)
    allowed = world.house.why(ada, "prospecting.phone")
    assert allowed in {"consent", "not_now"}
    body = {"subject": ada, "channel": "phone", "source": "phone-call"}
    for _ in range(4):
        assert world.house.post("/v1/contacts/attempts", body).status_code == 201
        world.clock.advance(minutes=1)
    waiting = world.house.ask(ada, "prospecting.phone", explain="full")
    assert waiting["because"] == "not_now"
    assert any(step["about"] == "attempts" for step in waiting["chain"])
    refused = {**body, "outcome": "refused"}
    assert world.house.post("/v1/contacts/attempts", refused).status_code == 201
    later = world.house.ask(ada, "prospecting.phone")
    assert later["next_permitted_at"] > waiting["next_permitted_at"]
