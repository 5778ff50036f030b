"""The second net: PostgreSQL itself hides one organisation from another.

security.md, tests 67 and 68. Nothing here goes through our code: only the server's role.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import psycopg
import pytest
from sqlalchemy import make_url

from consent_server.clock import rfc3339, to_micros
from consent_server.db import Sql, write
from consent_server.decisions.lapse import tell_lapses
from consent_server.decisions.tally import write_tallies
from consent_server.experience.replay import draw
from consent_server.experience.replay.keep import keep_replays
from consent_server.ids import parse
from consent_server.mail import Message, queue
from consent_server.mail.server import MailServer, Security, set_server
from consent_server.newsletters.tracking.record import write_uses
from consent_server.permissions.bulk.briefs import reached
from consent_server.permissions.bulk.briefs.follow import follow_to_the_end
from consent_server.permissions.bulk.briefs.forget import forget_briefs
from consent_server.permissions.bulk.briefs.make import Brief
from consent_server.permissions.bulk.briefs.write import put_aside
from consent_server.permissions.tally import part_of, tally
from consent_server.subjects.touched import touch
from consent_server.tables import walled
from consent_server.web.batches import batches_of
from consent_server.webhooks.deliver import Deliverer
from tests.hostile.doors import ids_of
from tests.support.make import ACTOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.support.ground import Ground
    from tests.support.house import House

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="module")


def count_an_open(ground: Ground, house: House, subject: str) -> None:
    """Count an open, as of somebody who has allowed it."""
    note = (house.organisation, parse("sub", subject) or 0, 1, "spring", "opened")
    with ground.app.app_context():
        assert not write_uses([note])


@pytest.fixture(scope="module")
def filled(ground: Ground) -> Ground:
    """Put something of both organisations into every table."""
    for house in (ground.ours, ground.theirs):
        ids_of(ground, house)
        again = {"Idempotency-Key": "once"}
        subject = {"identifiers": [{"email": "ada.lindqvist@people.example"}], "source": "x"}
        made = house.client.post(
            "/v1/subjects",
            json={**subject, "country": "FR"},
            headers={**house.headers, **again},
        )
        assert made.status_code == 201
        count_an_open(ground, house, made.get_json()["subject"])
        asked = {"subject": {"email": "ben@people.example"}, "purpose": "marketing"}
        link = house.post("/v1/unsubscribe-links", asked).get_json()["url"]
        click = {"List-Unsubscribe": "One-Click"}
        left = house.client.post(f"/u/{link.rpartition('/')[2]}", data=click)
        assert left.status_code == 200
        # Whose proof goes into the vault.
        house.tell({"external_id": "crm-999"})
        erase = {"subject": {"external_id": "crm-999"}, "reason": "asked"}
        assert house.post("/v1/subjects/erase", erase).get_json()["erased"]
        house.client.get(f"/w/{house.site}.js?lang=fr")
        work_beside(ground, house)
        begun = rfc3339(ground.clock() - timedelta(days=3 * 365 - 10))
        told = {"assertion": "evidenced", "evidence": "form 12", "decided_at": begun}
        assert house.tell({"email": "cleo@people.example"}, **told).status_code == 201
        assert house.ask({"email": "cleo@people.example"})["because"] == "consent"
        # What ends at another time than her first has a row of its own.
        other = {"email": "cleo@people.example"}
        assert house.tell(other, choices={"prospecting.phone": "granted"}).status_code == 201
        with ground.app.app_context():
            write_tallies()
            ask_and_ask_again(ground, house)
            tell_lapses(house.organisation, to_micros(ground.clock()))
            write_to_somebody(house.organisation, ground.clock())
        sign_up(house)
        try_receivers(ground, house)
    return ground


def ask_and_ask_again(ground: Ground, house: House) -> None:
    """Have one asking tallied, and another only noted."""
    subject = parse("sub", house.ask({"email": "cleo@people.example"})["subject"])
    batches_of(ground.app).flush()
    tally(house.organisation, part_of(subject or 0))
    house.ask({"email": "cleo@people.example"})
    batches_of(ground.app).flush()


def try_receivers(ground: Ground, house: House) -> None:
    """Try each once, at an address that is refused."""
    deliverer = Deliverer(ground.app, clock=ground.clock, seconds=1)
    deliverer.begin([house.organisation])
    deliverer.wait()
    deliverer.finish()


def work_beside(ground: Ground, house: House) -> None:
    """Do what the worker does beside all else; the machine has no browser."""
    house.integrate()
    with ground.app.app_context(), patch.object(draw, "browser", return_value=None):
        assert keep_replays(house.organisation)
        with write(house.organisation) as tx:
            reached.want(tx, house.organisation)
        follow_to_the_end(house.organisation)
        # As if something changed since then that no entry of the log tells of.
        with write(house.organisation) as tx:
            touch(tx, house.organisation, [1])
            known = Sql("SELECT subject_id FROM identifier WHERE kind = 'email' LIMIT 1")
            somebody = [row[0] for row in tx.run(known)]
            forget_briefs(tx, house.organisation, somebody)
            put_aside(tx, house.organisation, 1, [Brief(1, 0, 0, 0, "made, and not written")])


def sign_up(house: House) -> None:
    form = {
        "email": "dora@people.example",
        "purposes": ["newsletter"],
        "notice_version": house.form,
        "language": "fr",
    }
    asked = house.client.post(f"/v1/sites/{house.site}/subscriptions", json=form)
    assert asked.status_code == 202


def write_to_somebody(organisation: int, now: datetime) -> None:
    values = {"place": "x", "purposes": "x", "link": "https://a.example/", "until": "x"}
    message = Message(
        organisation=organisation,
        to="dora@people.example",
        match="dora@people.example",
        template="confirm",
        language="fr",
        values=values,
    )
    server = MailServer(host="smtp.example.org", port=587, security=Security.STARTTLS)
    with write(organisation) as tx:
        set_server(tx, organisation, server, actor=ACTOR, now=now)
        queue(tx, message, now=now)


@contextmanager
def as_server(ground: Ground) -> Iterator[psycopg.Connection]:
    """Connect as the server does, with none of its code."""
    url = make_url(ground.database.url)
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database
    ) as connection:
        yield connection


def count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(
        psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_who_names_no_organisation_sees_no_row_of_any(filled: Ground) -> None:
    with as_server(filled) as connection:
        assert {table: count(connection, table) for table in walled()} == dict.fromkeys(
            walled(), 0
        )


@pytest.mark.parametrize("left", ["", "0", "commit", "rollback"])
def test_a_name_that_has_ended_leaves_nothing_open(filled: Ground, left: str) -> None:
    with as_server(filled) as connection:
        name = str(filled.ours.organisation) if left in {"commit", "rollback"} else left
        connection.execute("SELECT set_config('consent.organisation', %s, true)", (name,))
        if left == "commit":
            connection.commit()
        elif left == "rollback":
            connection.rollback()
        assert sum(count(connection, table) for table in walled()) == 0


def test_each_sees_its_own_rows_and_only_those(filled: Ground) -> None:
    with as_server(filled) as connection:
        for house in (filled.ours, filled.theirs):
            name = str(house.organisation)
            connection.execute("SELECT set_config('consent.organisation', %s, true)", (name,))
            for table in walled():
                owners = connection.execute(
                    psycopg.sql.SQL("SELECT DISTINCT organisation_id FROM {}").format(
                        psycopg.sql.Identifier(table)
                    )
                ).fetchall()
                assert owners == [(house.organisation,)], table
            connection.rollback()


@pytest.mark.parametrize(
    "deed", ["UPDATE {} SET organisation_id = organisation_id", "DELETE FROM {}"]
)
def test_nobody_changes_or_deletes_anothers_rows(filled: Ground, deed: str) -> None:
    with as_server(filled) as connection:
        connection.execute("SELECT set_config('consent.organisation', '1', true)")
        for table in walled():
            try:
                with connection.transaction():
                    done = connection.execute(
                        psycopg.sql.SQL(deed).format(psycopg.sql.Identifier(table))
                    )
                    assert done.rowcount == 0, table
            except psycopg.errors.InsufficientPrivilege:
                continue  # it may not do that to its own rows either


@pytest.mark.parametrize(
    "deed",
    [
        "ALTER TABLE decision DISABLE ROW LEVEL SECURITY",
        "DROP POLICY wall ON decision",
        "SET ROLE consent_owner",
        "SET SESSION AUTHORIZATION postgres",
        "TRUNCATE decision",
        "CREATE TABLE public.x (y int)",
    ],
)
def test_the_servers_role_cannot_take_the_wall_down(filled: Ground, deed: str) -> None:
    with as_server(filled) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(deed.encode())


def test_row_security_that_is_switched_off_is_an_error_and_not_an_open_door(
    filled: Ground,
) -> None:
    with as_server(filled) as connection:
        connection.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            count(connection, "decision")
