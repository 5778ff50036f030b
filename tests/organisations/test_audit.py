"""Every administrative act and look is a line of the trail, and a leaf of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consent_server import organisations
from consent_server.db import Sql, read
from consent_server.organisations import Scope
from tests.support.document import apply
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock


def actions(organisation: int) -> list[str]:
    with read(organisation) as tx:
        return [line.action for line in organisations.trail(tx, organisation, most=1000)]


def test_every_line_is_a_leaf_that_waits_for_its_place(app: Flask, clock: HandClock) -> None:
    applied = apply(clock)
    with read(applied.organisation) as tx:
        lines = organisations.trail(tx, applied.organisation, most=1000)
        pending = {
            row[0]
            for row in tx.run(
                Sql(
                    "SELECT record_id FROM ledger_pending WHERE organisation_id = :organisation"
                ),
                {"organisation": applied.organisation},
            )
        }
    assert lines
    assert {line.id for line in lines} <= pending


def test_acts_and_looks_are_both_there(client: FlaskClient, clock: HandClock) -> None:
    organisation = make_organisation(clock)
    key = make_key(clock, organisation)
    headers = bearer(key)
    client.get("/v1/keys", headers=headers)
    client.post("/v1/keys", json={"name": "x", "scopes": ["lookup"]}, headers=headers)
    client.get("/v1/organisations", headers=headers)
    client.get("/v1/audit", headers=headers)
    assert sorted(actions(organisation)) == sorted(
        [
            "organisation.created",
            "key.created",
            "keys.listed",
            "key.created",
            "organisations.listed",
            "audit.seen",
        ]
    )


def test_the_trail_is_read_page_by_page_without_a_gap_or_a_double(
    client: FlaskClient, clock: HandClock
) -> None:
    organisation = make_organisation(clock)
    headers = bearer(make_key(clock, organisation))
    for _ in range(7):
        clock.advance(seconds=1)
        client.get("/v1/keys", headers=headers)
    seen: list[dict[str, Any]] = []
    after = ""
    for _ in range(20):
        clock.advance(seconds=1)
        page = client.get(f"/v1/audit?limit=3{after}", headers=headers).get_json()
        seen += page["entries"]
        after = f"&after={page['next']}"
        if len(page["entries"]) < 3:
            break
    assert len({line["id"] for line in seen}) == len(seen)
    assert [line["recorded_at"] for line in seen] == sorted(
        line["recorded_at"] for line in seen
    )
    assert [line["action"] for line in seen].count("keys.listed") == 7
    actor = seen[-1]["actor"]
    assert actor.startswith("key:key_")


def test_another_organisation_sees_none_of_it(client: FlaskClient, clock: HandClock) -> None:
    make_organisation(clock)
    other = make_organisation(clock)
    clock.advance(seconds=1)
    headers = bearer(make_key(clock, other, {Scope.AUDIT}))
    page = client.get("/v1/audit", headers=headers).get_json()
    assert [line["action"] for line in page["entries"]] == [
        "organisation.created",
        "key.created",
    ]


def test_a_foreign_place_in_the_trail_is_not_there(
    client: FlaskClient, clock: HandClock
) -> None:
    organisation, other = make_organisation(clock), make_organisation(clock)
    mine, theirs = bearer(make_key(clock, organisation)), bearer(make_key(clock, other))
    place = client.get("/v1/audit", headers=theirs).get_json()["next"]
    foreign = client.get(f"/v1/audit?after={place}", headers=mine)
    absent = client.get("/v1/audit?after=aud_0000000000001", headers=mine)
    assert foreign.status_code == absent.status_code == 404
    assert foreign.get_data() == absent.get_data()
