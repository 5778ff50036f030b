"""What the tests of erasing share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consent_server.clock import to_micros
from consent_server.db import write
from consent_server.decisions import NewDecision, Recorder
from consent_server.decisions.rules import WITNESSED
from consent_server.ids import parse
from consent_server.notices import configuration, version
from consent_server.organisations import keys_of, log_of
from consent_server.subjects import Told, identify, resolve

if TYPE_CHECKING:
    from tests.support.house import House

ADA = {"email": "ada.lindqvist@people.example"}
PHONE = {"phone": "+33 6 12 34 56 78"}
CRM = {"external_id": "crm-1042"}


def know(house: House, *identifiers: dict[str, Any], **more: Any) -> str:
    """Record somebody; gives her subject."""
    body = {"identifiers": list(identifiers), "source": "meeting", **more}
    answer = house.post("/v1/subjects", body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["subject"])


def erase(house: House, subject: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Erase somebody; gives the answer."""
    body = {"subject": subject, "reason": "asked by letter", **more}
    answer = house.post("/v1/subjects/erase", body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    return told


def say_yes_herself(house: House, slug: str, email: str = ADA["email"]) -> None:
    """Record what a confirmed click records: a yes of hers that this server saw."""
    now = house.clock()
    with write(house.organisation) as tx:
        keys, known = keys_of(house.organisation, tx), configuration(tx, house.organisation)
        given = identify("email", email, region="")
        organisation = house.organisation
        who = resolve(tx, keys, [given], organisation=organisation, now=to_micros(now))
        purpose = known.purpose(slug)
        words = version(tx, organisation, parse("ntv", house.form) or 0)
        assert purpose is not None
        assert words is not None
        said = NewDecision(
            door="confirmation",
            action="save",
            choices={purpose: True},
            told=Told(source="mail link"),
            decided_at=now,
            assertion=WITNESSED,
            version=words,
        )
        log = log_of(tx, organisation)
        Recorder(tx, keys, known, b"k" * 32, log, now).record(who, said)
