"""A list and a single question never disagree: random people, every purpose."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.house import House

PURPOSES = ("newsletter", "prospecting.email", "prospecting.phone", "prospecting.post")
SAID = ("because", "regime", "decision", "since", "expires_at")


def person(number: int) -> dict[str, str]:
    return {
        "email": f"person{number}@example.org",
        # Some of them ring in Réunion, where the hour is another.
        "phone": f"+3319900{number:04d}" if number % 2 else f"+26269212{number:04d}",
        "external_id": f"crm-{number}",
    }


def live(house: House, chance: random.Random, number: int) -> None:
    """Let one person have some of the facts that a lookup reads."""
    names = person(number)
    if chance.random() < 0.7:
        facts: dict[str, Any] = {
            "identifiers": [{kind: text} for kind, text in names.items()],
            "source": "website-form",
            "actor": "test",
        }
        if chance.random() < 0.5:
            facts["capacity"] = chance.choice(["consumer", "professional"])
        if chance.random() < 0.5:
            facts["country"] = chance.choice(["FR", "DE"])
        if chance.random() < 0.6:
            since = house.clock() - timedelta(days=chance.randrange(5, 2000))
            kind = chance.choice(["customer", "prospect"])
            facts["relationships"] = [{"kind": kind, "since": house.at(since)}]
        answer = house.post("/v1/subjects", facts)
        assert answer.status_code == 201, answer.get_data(as_text=True)
    for _ in range(chance.randrange(4)):
        kind = chance.choice(list(names))
        answers = ("granted", "refused", "withdrawn")
        choices = {each: chance.choice(answers) for each in PURPOSES if chance.random() < 0.5}
        if choices:
            house.tell({kind: names[kind]}, choices=choices)
        house.clock.advance(minutes=7)


def test_one_by_one_and_all_at_once_are_the_same(house: House) -> None:
    chance = random.Random(8058)
    for number in range(24):
        live(house, chance, number)
    for number in range(0, 24, 3):
        # Of some the vault keeps proof then, of some nothing is left at all.
        told = {"subject": {"email": person(number)["email"]}, "reason": "asked"}
        assert house.post("/v1/subjects/erase", {**told, "suppress": False}).status_code == 200
    reasons = Counter[str]()
    for purpose in PURPOSES:
        for kind in ("email", "phone", "external_id"):
            texts = [person(number)[kind] for number in range(26)]
            chance.shuffle(texts)
            table = house.client.post(
                "/v1/permissions/bulk",
                data="\n".join([kind, *texts]).encode(),
                query_string={"purpose": purpose},
                headers={**house.headers, "Content-Type": "text/csv"},
                buffered=True,
            )
            many = list(csv.DictReader(io.StringIO(table.get_data(as_text=True))))
            assert [line[kind] for line in many] == texts
            reasons.update(line["because"] for line in many)
            for text, line in zip(texts, many, strict=True):
                one = house.ask({kind: text}, purpose)
                assert line["allowed"] == str(one["allowed"]).lower()
                assert [line[name] or None for name in SAID] == [one[name] for name in SAID]
    assert min(reasons["erased"], reasons["never_asked"], reasons["consent"]) > 0, reasons
