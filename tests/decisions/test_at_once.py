"""Several writers of one person at the same moment: none overwrites another's no."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from consent_server.clock import to_micros
from consent_server.db import once_more, write
from consent_server.db.engines import DUPLICATE
from consent_server.decisions import standing
from consent_server.fsck import check_all
from consent_server.ids import parse
from consent_server.organisations import keys_of
from consent_server.subjects import Told, link

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
