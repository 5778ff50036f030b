"""A question: one statement behind the wall, on connections of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import TROUBLE, Question, db, write
from consent_server.ids import new_id
from tests.support.house import make_house

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock

SLUGS = "(SELECT {rows}({row}(slug)) FROM site WHERE organisation_id = :whose)"
SITES = Question(
    f"SELECT {SLUGS.format(rows='json_group_array', row='json_array')}, :organisation",
    f"SELECT {SLUGS.format(rows='json_agg', row='json_build_array')}, (:organisation)::bigint",
)
BROKEN = Question("SELECT none FROM nothing", "SELECT none FROM nothing")


def sites(asking: int, whose: int) -> list[Any]:
    found: list[Any] = SITES.ask(db.engine, asking, {"whose": whose})[0]
    return found


def test_the_wall_stands_before_the_statement_and_falls_with_it(
    app: Flask, clock: HandClock
) -> None:
    with app.app_context():
        ours = make_house(app, clock).organisation
        theirs = make_house(app, clock, "hebergis").organisation
        assert sites(ours, ours)
        if db.engine.dialect.name == "postgresql":
            # The same connection, asked for another: the statement forgot the wall.
            assert not sites(ours, theirs)
            assert not sites(new_id(), ours)
        assert sites(theirs, theirs)


def test_what_was_just_committed_is_seen_and_nothing_stays_open(
    app: Flask, clock: HandClock
) -> None:
    with app.app_context():
        ours = make_house(app, clock).organisation
        before = sites(ours, ours)
        # A read left open would show the old rows, or refuse the writer.
        for name in ("one", "two"):
            with write(ours) as tx:
                tx.session.connection().exec_driver_sql(
                    f"UPDATE site SET slug = '{name}' WHERE organisation_id = {ours}"
                )
            assert sites(ours, ours) != before
            before = sites(ours, ours)


def test_after_a_statement_that_fails_the_next_one_is_answered(
    app: Flask, clock: HandClock
) -> None:
    with app.app_context():
        ours = make_house(app, clock).organisation
        for _ in range(3):
            with pytest.raises(Exception, match="nothing"):
                BROKEN.ask(db.engine, ours, {})
            assert sites(ours, ours)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_lost_connection_is_trouble_and_the_next_question_opens_another(
    app: Flask, clock: HandClock
) -> None:
    ends = Question(
        "SELECT 1", "SELECT pg_terminate_backend(pg_backend_pid()), :organisation::bigint"
    )
    with app.app_context():
        ours = make_house(app, clock).organisation
        with pytest.raises(TROUBLE):
            ends.ask(db.engine, ours, {})
        assert sites(ours, ours)
