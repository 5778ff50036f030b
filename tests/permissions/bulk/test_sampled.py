"""Of a made base, what lists say is compared with what each is told who is asked about alone.

At the size asked for, a million lines on each engine, with the figures printed:

    HYPOTHESIS_PROFILE=figures .venv/bin/pytest -n 0 -s --timeout 7200 \\
        tests/permissions/bulk/test_sampled.py
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from bench.stage import learn
from consent_server.bench.people import email_of, person
from consent_server.bench.populate import begin, populate
from consent_server.db import write
from consent_server.organisations import keys_of
from consent_server.permissions.bulk.briefs import follow, reached
from consent_server.permissions.lookup import Question, answer
from tests.permissions.bulk.test_agreement import SAID
from tests.permissions.bulk.test_briefs import alike as alike
from tests.support.figures import FIGURES, figure
from tests.support.house import House, house_of

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock
    from tests.support.databases import Database

PEOPLE = figure(300, 50_000)
LISTS = figure(24, 200)
LINES = figure(40, 5_000)
CHANGES = figure(4, 60)
SEED = 5
# Most lists are of e-mails, plain or hashed; of prospecting by telephone no brief speaks.
KINDS = ("email", "email", "email", "sha256_email", "external_id", "phone")
PURPOSES = (
    "newsletter",
    "newsletter.professional",
    "prospecting.email",
    "prospecting.post",
    "prospecting.phone",
)


@pytest.mark.timeout(7200 if FIGURES else 120)
def test_lists_and_lookups_never_disagree_about_a_made_base(
    app: Flask, clock: HandClock, database: Database, alike: list[int]
) -> None:
    organisation = begin(now=clock())
    populate(organisation, subjects=PEOPLE, seed=SEED, now=clock())
    house = house_of(app, clock, organisation)
    with write(organisation) as tx:
        reached.want(tx, organisation)
    follow.follow_to_the_end(organisation)
    learn(database)
    chance, told = random.Random(SEED), Counter[str]()
    for number in range(LISTS):
        kind, purpose = chance.choice(KINDS), chance.choice(PURPOSES)
        _compare(house, kind, purpose, [_name(kind, chance) for _ in range(LINES)], told)
        for _ in range(CHANGES):
            _change(house, chance)
        clock.advance(hours=chance.choice([1, 5, 30]))
        if number % 3 == 0:
            house.integrate()
        if number % 6 == 0:
            follow.follow_to_the_end(organisation)
    if FIGURES:
        print(f"\n{told.total()} lines compared, {sum(alike)} answered alike, {dict(told)}")  # noqa: T201 - asked for
    assert told.total() == LISTS * LINES
    assert sum(alike) > told.total() / 5, "the briefs were hardly read"
    assert len(told) > 6


def _name(kind: str, chance: random.Random) -> str:
    number = chance.randrange(PEOPLE + PEOPLE // 20)
    match kind:
        case "email":
            return email_of(number)
        case "sha256_email":
            return hashlib.sha256(email_of(number).encode()).hexdigest()
        case "phone":
            return f"+3319900{number % 10_000:04d}"
        case _:
            return f"crm-{number}"


def _change(house: House, chance: random.Random) -> None:
    """Let something become of one of them that her brief does not tell yet."""
    one, other = (person(SEED, chance.randrange(PEOPLE)) for _ in range(2))
    if not one.email or not other.email:
        return
    who: dict[str, Any] = {"email": one.email}
    said: dict[str, Any] = {"source": "website-form", "actor": "test"}
    match chance.randrange(8):
        case 0:
            house.post("/v1/suppressions", {"subject": who, "scope": "marketing"})
        case 1:
            house.post("/v1/subjects", {"identifiers": [who], "restricted": True, **said})
        case 2:
            told = {"subject": who, "reason": "asked", "suppress": chance.random() < 0.5}
            house.post("/v1/subjects/erase", told)
        case 3:
            linked = {"phone": f"+3319900{chance.randrange(10_000):04d}"}
            house.post("/v1/subjects", {"identifiers": [who, linked], **said})
        case _:
            choices = {chance.choice(PURPOSES): chance.choice(["granted", "withdrawn"])}
            house.tell(who, choices=choices)


def _compare(
    house: House, kind: str, purpose: str, names: list[str], told: Counter[str]
) -> None:
    table = house.client.post(
        "/v1/permissions/bulk",
        data="\n".join([kind, *names]).encode(),
        query_string={"purpose": purpose},
        headers={**house.headers, "Content-Type": "text/csv"},
        buffered=True,
    )
    keys, question = keys_of(house.organisation), [Question(purpose=purpose)]
    lines = csv.DictReader(io.StringIO(table.get_data(as_text=True)))
    for name, line in zip(names, lines, strict=True):
        (one,) = answer(keys, kind, name, question, region="FR", now=house.clock())
        assert line[kind] == name
        assert line["allowed"] == str(one["allowed"]).lower(), (kind, purpose, line, one)
        assert [line[each] or None for each in SAID] == [one[each] for each in SAID]
        told[one["because"]] += 1
