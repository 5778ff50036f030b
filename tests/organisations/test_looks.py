"""Whoever learns something about a person leaves a line in the audit trail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server.db import Sql, read
from consent_server.ledger.append import SEALED_TABLE
from consent_server.organisations import keys_of
from consent_server.permissions.cli import lookup_command
from consent_server.worker import sequence

if TYPE_CHECKING:
    from tests.support.house import House

ADA = {"email": "ada.lindqvist@people.example"}


def actions(house: House) -> list[str]:
    rows = Sql(
        "SELECT action FROM audit_entry WHERE organisation_id = :organisation"
        " ORDER BY recorded_at, id"
    )
    with read(house.organisation) as tx:
        return [row[0] for row in tx.run(rows, {"organisation": house.organisation})]


def test_pro_9_a_lookup_by_the_command_line_is_written_down_and_names_nobody(
    house: House,
) -> None:
    words = ["cubalys", "ada.lindqvist@people.example", "newsletter"]
    done = CliRunner().invoke(lookup_command, words)
    assert done.exit_code == 0, done.output
    assert actions(house).count("permission.asked") == 1


def test_learning_who_holds_an_identifier_is_written_down(house: House) -> None:
    body = {"identifiers": [ADA], "source": "meeting"}
    first = house.post("/v1/subjects", body).get_json()
    assert "subject.seen" not in actions(house)
    assert house.post("/v1/subjects", body).get_json() == first
    assert actions(house).count("subject.seen") == 1


def test_a_page_of_events_is_written_down_and_an_empty_one_is_not(house: House) -> None:
    house.tell(ADA)
    sequence()
    last = house.get("/v1/events?after=0").get_json()["next"]
    assert actions(house).count("events.read") == 1
    sequence()
    assert house.get(f"/v1/events?after={last}").get_json()["events"] == []
    assert actions(house).count("events.read") == 1


def records(organisation: int, kind: str) -> list[dict[str, Any]]:
    rows = Sql(
        "SELECT id, sealed FROM ledger_record"
        " WHERE organisation_id = :organisation AND kind = :kind"
    )
    keys = keys_of(organisation)
    with read(organisation) as tx:
        found = tx.run(rows, {"organisation": organisation, "kind": kind})
    cells = [keys.unseal(bytes(sealed), SEALED_TABLE, number) for number, sealed in found]
    return [json.loads(json.loads(cell)["record"]) for cell in cells]


@pytest.mark.parametrize("kind", ["audit", "notice_version"])
def test_every_record_of_the_ledger_names_its_format(house: House, kind: str) -> None:
    house.get("/v1/keys")
    found = records(house.organisation, kind)
    assert found
    assert {record["v"] for record in found} == {1}
