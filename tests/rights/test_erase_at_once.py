"""Erasing while others write: nothing half left, and never a yes afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from consent_server.db import Sql, read
from consent_server.fsck import check_all
from tests.newsletters.world import ONE_CLICK, link
from tests.rights.world import erase, know

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from tests.support.databases import Database
    from tests.support.house import House

ROUNDS = 6
ORPHANS = ("identifier", "subject_fact", "decision", "standing", "standing_end", "lapse")


def test_a_decision_a_fact_a_link_and_a_click_that_meet_an_erasure_leave_nothing_half(
    house: House, app: Flask
) -> None:
    for number in range(ROUNDS):
        who = {"email": f"p{number}@people.example"}
        subject = house.tell(who).get_json()["subject"]
        other = know(house, {"external_id": f"crm-{number}"})
        path = link(house, who)
        at_once(app, deeds(house, who, [subject, other], path, number))
        assert house.ask(who)["allowed"] is False
        erase(house, who)
    with read(house.organisation) as tx:
        for table in ORPHANS:
            found = tx.run(
                Sql(
                    f"SELECT count(*) FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM subject s"
                    " WHERE s.organisation_id = t.organisation_id AND s.id = t.subject_id)"
                )
            )
            assert found[0][0] == 0, table
    house.integrate()
    assert list(check_all()) == []


def deeds(
    house: House, who: dict[str, str], pair: list[str], path: str, number: int
) -> list[Callable[[FlaskClient], int]]:
    phone = {"phone": f"+3361234{number:04d}"}
    facts = {"identifiers": [who, phone], "source": "x", "country": "FR"}

    def post(to: str, body: Any) -> Callable[[FlaskClient], int]:
        return lambda client: client.post(to, json=body, headers=house.headers).status_code

    return [
        post("/v1/subjects/erase", {"subject": who, "reason": "asked"}),
        post("/v1/decisions", house.told(who, assertion="evidenced", evidence="form 12")),
        post("/v1/subjects", facts),
        post("/v1/links", {"subjects": pair, "source": "log-in"}),
        lambda client: client.post(path, data=ONE_CLICK).status_code,
    ]


def at_once(app: Flask, acts: list[Callable[[FlaskClient], int]]) -> None:
    start = Barrier(len(acts))

    def act(deed: Callable[[FlaskClient], int]) -> int:
        start.wait()
        return deed(app.test_client())

    with ThreadPoolExecutor(len(acts)) as threads:
        statuses = list(threads.map(act, acts))
    # Not found: the link came after one of the two was gone. Conflict: the yes after the click.
    assert set(statuses) <= {200, 201, 404, 409}, statuses


def test_er_2_neither_the_file_nor_its_log_holds_a_byte_of_her(
    house: House, database: Database, tmp_path: Path
) -> None:
    ada = {"email": "ada.lindqvist@people.example"}
    know(house, ada, {"external_id": "crm-1042"}, country="FR")
    # Of this purpose no proof is kept: then the vault remembers no address either.
    house.tell(ada, choices={"prospecting.post": "granted"})
    house.integrate()
    with read(house.organisation) as tx:
        traces = [
            bytes(cell)
            for table in ("identifier", "crossed_hash")
            for row in tx.run(Sql(f"SELECT * FROM {table}"))
            for cell in row
            if isinstance(cell, bytes | memoryview)
        ]
        traces += [
            bytes(row[0])
            for table in ("decision", "subject_fact", "ledger_record WHERE kind = 'subject'")
            for row in tx.run(Sql(f"SELECT sealed FROM {table}"))
        ]
    assert len(traces) > 6
    assert erase(house, ada, suppress=False)["erased"]
    if database.engine == "postgresql":
        # Its files are vacuum's matter: the rows are gone (docs/operating.md).
        with read(house.organisation) as tx:
            assert tx.run(Sql("SELECT count(*) FROM identifier"))[0][0] == 0
        return
    name = str(make_url(database.url).database)
    raw = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("consent.db*")))
    assert name.endswith("consent.db")
    assert len(raw) > 100_000
    assert [trace for trace in traces if trace[:24] in raw] == []
