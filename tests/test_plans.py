"""Hot statements go straight to one person, also in a database that was never analysed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bench.statements import taken_down
from consent_server.db import Sql, read
from consent_server.permissions.asked import FORGET_NOTED, READ
from consent_server.permissions.hot import question
from consent_server.permissions.tally import COUNT, PART_BITS
from consent_server.subjects.erase import CROSSED, CROSSED_OF
from consent_server.subjects.found import FIND
from tests.support.house import make_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from bench.statements import Step
    from tests.support.clock import HandClock
    from tests.support.house import House

GROWS = re.compile(r"\b(identifier|subject|standing|decision|suppression|ledger_\w+)\b")
# A whole organisation is read: by its id alone, in a table that grows with its people.
WHOLE = re.compile(
    # All are made of the few rows asked about.
    r"SCAN (?!CONSTANT|held$|root$|person$|known$|k VIRTUAL TABLE)|"
    r"SEARCH (?!d |organisation_directory ).* \(organisation_id=\?\)( LEFT-JOIN)?$"
)

# What is left names the table and what is walked.
WALKED = re.compile(r"^SEARCH | \([^()]*(\([^()]*\))?[^()]*\)$")


def selects(steps: list[Step]) -> Iterator[tuple[str, dict[str, object]]]:
    for step in steps:
        for text, values in zip(step.texts, step.values, strict=True):
            if text.lstrip().startswith(("SELECT", "WITH")) and GROWS.search(text):
                yield text, values


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the other counts by itself
def test_no_lookup_and_no_decision_reads_a_whole_organisation(
    app: Flask, clock: HandClock
) -> None:
    house = make_house(app, clock)
    body = house.choice("refuse_all")
    house.choose(body)
    clock.advance(minutes=1)
    again = house.choice(visitor=body["visitor"], previous=body["id"])
    with taken_down() as steps:
        assert house.choose(again).status_code == 201
        house.ask({"visitor": body["visitor"]}, "analytics")
        house.ask({"email": "someone@example.org"})
    with app.app_context(), read(house.organisation) as tx:
        connection = tx.session.connection().connection
        plans = [
            (line[3], text)
            for text, values in selects(steps)
            for line in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    assert [each for each in plans if WHOLE.search(each[0])] == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # where it is told what to walk
def test_a_lookup_opens_no_row_but_what_is_said_and_known(house: House) -> None:
    values = {"organisation": house.organisation, "hash0": bytes(32)}
    with read(house.organisation) as tx:
        connection = tx.session.connection().connection
        text = f"EXPLAIN QUERY PLAN {question('email', 1).sqlite}"
        plan = [line[3] for line in connection.execute(text, values)]
    walked = [WALKED.sub("", each) for each in plan if each.startswith("SEARCH ")]
    assert walked == [
        "organisation_directory USING PRIMARY KEY",
        "i USING COVERING INDEX identifier_hash",
        "l USING COVERING INDEX subject_linked",
        "p USING COVERING INDEX subject_of_root",
        "st USING INTEGER PRIMARY KEY",
        "f USING INDEX subject_fact_subject",
        "suppression USING INDEX suppression_hash",
        "x USING COVERING INDEX identifier_subject",
        # Of the person's other identifiers alone.
        "o USING PRIMARY KEY",
        "vaulted_hash USING PRIMARY KEY",
    ]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # it needs no statistics
def test_who_asked_is_noted_tallied_shown_and_forgotten_part_by_part(house: House) -> None:
    numbers = dict.fromkeys(("subject", "part", "last"), 1)
    values = {"organisation": house.organisation, "bits": PART_BITS, "name": "1", **numbers}
    with read(house.organisation) as tx:
        connection = tx.session.connection().connection
        for statement in (READ, COUNT, FORGET_NOTED):
            text = f"EXPLAIN QUERY PLAN {statement.sqlite}"
            steps = [line[3] for line in connection.execute(text, values)]
            walked = [each for each in steps if each.startswith(("SEARCH", "SCAN"))]
            # What is scanned is what was found already.
            scanned = {each for each in walked if each.startswith("SCAN")}
            assert scanned <= {"SCAN t", "SCAN told", "SCAN e VIRTUAL TABLE INDEX 1:"}
            assert not [each for each in walked if each.endswith("(organisation_id=?)")]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_is_linked_is_found_in_the_index_made_for_it(house: House) -> None:
    # Both are empty here, and the plan may be kept until they are not.
    text = question("email", 1).postgresql.replace(":hash0", "''")
    explained = Sql(f"EXPLAIN {text}")
    with read(house.organisation) as tx:
        rows = tx.run(explained, {"organisation": house.organisation})
    plan = "\n".join(str(row) for row in rows)
    assert "subject_linked on subject l" in plan, plan
    assert "subject_of_root on subject p" in plan, plan


def test_what_an_identifier_claims_is_taken_back_by_its_subject(house: House) -> None:
    # As the trigger does (migration 0028), in a table that is still small.
    text = "UPDATE identifier SET bare = 0 WHERE organisation_id = {} AND subject_id = {}"
    text = f"{text.format(house.organisation, 5)} AND bare = 1"
    with read(house.organisation) as tx:
        if tx.postgresql:
            tx.run(Sql("SET LOCAL enable_seqscan = off"))
        rows = tx.run(Sql(f"EXPLAIN QUERY PLAN {text}", f"EXPLAIN {text}"))
    assert "identifier_subject" in "\n".join(str(row) for row in rows), rows


def test_an_erasure_finds_crossed_hashes_by_their_identifier(
    app: Flask, clock: HandClock
) -> None:
    organisation = make_house(app, clock).organisation
    values = {"organisation": organisation, "subject": 1, "identifier": 1}
    with app.app_context(), read(organisation) as tx:
        for statement in (CROSSED, CROSSED_OF):
            lite, other = statement.sqlite, statement.postgresql
            explained = Sql(f"EXPLAIN QUERY PLAN {lite}")
            # Written for the driver already.
            explained.postgresql = f"EXPLAIN {other}"
            plan = "\n".join(str(row) for row in tx.run(explained, values))
            assert "crossed_hash_identifier" in plan, plan


def test_many_are_each_found_by_their_own_hash_whatever_the_planner_knows(
    house: House,
) -> None:
    for number in range(30):
        house.tell({"email": f"person{number}@example.org"})
    with read(house.organisation) as tx:
        hashes = tx.several([bytes([number]) * 32 for number in range(200)])
        explained = Sql(f"EXPLAIN QUERY PLAN {FIND.sqlite}")
        # Written for the driver already.
        explained.postgresql = f"EXPLAIN {FIND.postgresql}"
        values = {"organisation": house.organisation, "hashes": hashes}
        plan = "\n".join(str(row) for row in tx.run(explained, values))
    assert "identifier_hash" in plan, plan
    assert "identifier_subject" not in plan, plan
