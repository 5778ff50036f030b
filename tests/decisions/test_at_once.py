"""Several writers of one person at the same moment: none overwrites another's no."""

from __future__ import annotations

import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from consent_server.clock import to_micros
from consent_server.db import once_more, swift_write, write
from consent_server.db.engines import DUPLICATE
from consent_server.decisions import standing, visit
from consent_server.decisions.schemas import BannerDecision
from consent_server.decisions.visit import Visit
from consent_server.fsck import check_all
from consent_server.ids import parse
from consent_server.organisations import find_site, keys_of
from consent_server.subjects import Told, link
from consent_server.web.schema import load

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.house import House

ADA = {"email": "ada@people.example"}
BEA = {"email": "bea@people.example"}


def test_a_subject_that_a_link_has_just_moved_keeps_its_rows(house: House) -> None:
    found = [house.tell(one).get_json()["subject"] for one in (ADA, BEA)]
    ada, bea = (parse("sub", each) or 0 for each in found)
    with write(house.organisation) as tx:
        keys = keys_of(house.organisation, tx)
        link(
            tx,
            keys,
            ada,
            bea,
            told=Told(source="test"),
            now=to_micros(house.clock()),
        )
    with write(house.organisation) as tx:
        # Each as a decision found it before the link was there.
        for subject in (ada, bea):
            (rows,) = standing.of_person(tx, house.organisation, subject, subject).values()
            assert {row.subject for row in rows} == {ada, bea}


def test_a_writer_who_meets_others_several_times_is_served_all_the_same() -> None:
    met = iter([DUPLICATE[0], DUPLICATE[-1], DUPLICATE[0]])

    def act() -> str:
        for kind in met:
            raise kind("made by somebody else")
        return "written"

    assert once_more(act) == "written"


@pytest.mark.parametrize("seed", [3, 5])
def test_decisions_and_links_at_once_leave_what_the_facts_say(
    house: House, app: Flask, seed: int
) -> None:
    draw = random.Random(seed)
    people = [{"email": f"person-{number}@people.example"} for number in range(4)]
    subjects = [house.tell(one).get_json()["subject"] for one in people]
    plans = [(number, draw.sample(range(4), 2)) for number in range(120)]

    def act(plan: tuple[int, list[int]]) -> int:
        number, (one, other) = plan
        client = app.test_client()
        if number % 4 == 0:
            pair = {"subjects": [subjects[one], subjects[other]], "source": "log-in"}
            made = client.post("/v1/links", json=pair, headers=house.headers)
            if number % 8 == 0:
                path = f"/v1/links/{made.get_json()['link']}"
                client.delete(path, headers=house.headers)
            return made.status_code
        answer = {"newsletter": "refused" if number % 2 else "granted"}
        paper = {"assertion": "evidenced", "evidence": "letter of 3 March, scan 118"}
        body = house.told(people[one], choices=answer, **paper)
        return client.post("/v1/decisions", json=body, headers=house.headers).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(act, plans)) <= {201, 409}
    assert list(check_all()) == []


PURPOSES = ("newsletter", "prospecting.email", "prospecting.phone", "newsletter.professional")


def test_what_is_said_of_several_purposes_at_once_stands_for_each_of_them(
    house: House, app: Flask
) -> None:
    people = [{"email": f"several-{number}@people.example"} for number in range(6)]
    for who in people:
        house.tell(who)
    acts = [(who, purpose) for who in people for purpose in PURPOSES]
    start = Barrier(len(acts))

    def act(one: tuple[dict[str, str], str]) -> int:
        who, purpose = one
        body = house.told(who, choices={purpose: "withdrawn"})
        client = app.test_client()
        start.wait()
        return client.post("/v1/decisions", json=body, headers=house.headers).status_code

    with ThreadPoolExecutor(len(acts)) as pool:
        assert set(pool.map(act, acts)) == {201}
    # A body made of what stood before another writer's no would not hold it.
    assert list(check_all()) == []


def test_two_devices_of_one_person_that_choose_together_both_stand(house: House) -> None:
    hers = [secrets.token_urlsafe(16) for _ in range(2)]
    named = {"identifiers": [{"visitor": each} for each in hers], "source": "log-in"}
    assert house.post("/v1/subjects", named).status_code == 201
    with write(house.organisation) as tx:
        keys, site = keys_of(house.organisation, tx), find_site(tx, house.site)
    assert site is not None
    visits = [
        Visit.of(
            site, keys, load(BannerDecision(), house.choice(action, visitor=each)), gpc=False
        )
        for each, action in zip(hers, ("refuse_all", "accept_all"), strict=True)
    ]
    with swift_write(house.organisation) as tx:
        # As one of the two leads, and the other is served with it.
        for each, met in zip(visits, visit._meet(tx, visits), strict=True):
            visit._write(tx, each, met)
    assert [house.why({"visitor": each}, "analytics") for each in hers] == [
        "refused",
        "consent",
    ]
    assert list(check_all()) == []
