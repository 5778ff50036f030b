"""A document is put in force whole or not at all, and twice as well as once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from consent_server import notices, organisations
from consent_server.db import Sql, read, write
from consent_server.ids import new_id
from consent_server.organisations.document import document_as_json, render_diff
from consent_server.problems import Unprocessable
from tests.support.document import apply, item, parsed, plain

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock

pytestmark = pytest.mark.usefixtures("app")


def count(organisation: int, table: str) -> int:
    with read(organisation) as tx:
        return int(
            tx.run(
                Sql(f"SELECT count(*) FROM {table} WHERE organisation_id = :organisation"),
                {"organisation": organisation},
            )[0][0]
        )


def respell(document: dict[str, Any]) -> None:
    words = item(document, "notices", "site-banner")["words"]["en"]
    words["title"] = words["title"].upper()


def add_newsletter_recipient(document: dict[str, Any]) -> None:
    item(document, "purposes", "newsletter")["recipients"].append("advisers")


def test_the_first_time_creates_the_organisation_and_publishes_every_notice(
    clock: HandClock,
) -> None:
    applied = apply(clock)
    assert applied.created
    assert {made.notice.slug for made in applied.published} == {
        notice["slug"] for notice in plain()["notices"]
    }
    assert all(made.version.number == 1 for made in applied.published)
    with read(applied.organisation) as tx:
        found = notices.configuration(tx, applied.organisation)
    floors = {notices_and[1]: number for notices_and, number in found.floors.items()}
    assert set(floors.values()) == {1}


def test_the_same_document_again_changes_nothing(clock: HandClock) -> None:
    first = apply(clock)
    before = {
        table: count(first.organisation, table)
        for table in (
            "organisation_revision",
            "catalogue_revision",
            "notice_version",
            "audit_entry",
        )
    }
    clock.advance(days=1)
    again = apply(clock)
    assert not again.changed
    assert before == {table: count(first.organisation, table) for table in before}


def test_what_is_in_force_reads_as_the_document_that_was_applied(clock: HandClock) -> None:
    applied = apply(clock)
    with read(applied.organisation) as tx:
        assert notices.document_of(tx, applied.organisation) == document_as_json(parsed())


def test_a_dry_run_says_what_would_change_and_keeps_nothing(clock: HandClock) -> None:
    first = apply(clock)
    tried = apply(clock, respell, dry_run=True)
    assert [made.notice.slug for made in tried.published] == ["site-banner"]
    assert "notices[site-banner]" in render_diff(tried.changes)
    assert count(first.organisation, "notice_version") == len(plain()["notices"])
    with read(first.organisation) as tx:
        found = notices.configuration(tx, first.organisation)
        assert notices.document_of(tx, first.organisation) == plain()
        assert tried.published[0].version.id not in found.current.values()


def test_a_dry_run_of_a_new_organisation_leaves_no_trace(clock: HandClock) -> None:
    tried = apply(clock, dry_run=True)
    assert tried.created
    with read() as tx:
        assert organisations.find(tx, "cubalys") is None


def test_a_change_publishes_only_the_notices_that_show_it(clock: HandClock) -> None:
    apply(clock)
    applied = apply(clock, respell)
    assert [(made.notice.slug, made.version.number) for made in applied.published] == [
        ("site-banner", 2)
    ]
    assert applied.published[0].judgement.kind == "editorial"


def test_a_purpose_keeps_its_id_through_every_change(clock: HandClock) -> None:
    applied = apply(clock)
    with read(applied.organisation) as tx:
        before = notices.configuration(tx, applied.organisation).slugs["newsletter"]
    apply(clock, add_newsletter_recipient)
    with read(applied.organisation) as tx:
        found = notices.configuration(tx, applied.organisation)
    assert found.slugs["newsletter"] == before


def test_a_material_change_moves_the_floor_of_what_it_touches_and_no_other(
    clock: HandClock,
) -> None:
    applied = apply(clock)
    changed = apply(clock, add_newsletter_recipient)
    assert changed.published
    with read(applied.organisation) as tx:
        found = notices.configuration(tx, applied.organisation)
    newsletter = found.slugs["newsletter"]
    for (notice, purpose), number in found.floors.items():
        shown = next((made for made in changed.published if made.notice.id == notice), None)
        touched = shown is not None and "newsletter" in shown.judgement.touched
        assert number == (2 if touched and purpose == newsletter else 1)


def test_the_configuration_of_a_past_moment_can_be_asked_for(
    clock: HandClock,
) -> None:
    applied = apply(clock)
    then = int(clock().timestamp() * 1_000_000)
    clock.advance(days=30)
    apply(clock, add_newsletter_recipient)
    with read(applied.organisation) as tx:
        past = notices.configuration(tx, applied.organisation, at=then)
        before = notices.configuration(tx, applied.organisation, at=then - 1)
    assert set(past.floors.values()) == {1}
    assert past.purpose("newsletter") is not None
    assert before.purposes == {}


def test_a_slug_that_is_another_organisations_is_refused_to_a_new_one(clock: HandClock) -> None:
    apply(clock)
    with pytest.raises(organisations.SlugTaken), write(new_id()) as tx:
        organisations.create(tx, slug="cubalys", actor="tests", now=clock())


def test_a_notice_keeps_its_surface(clock: HandClock) -> None:
    apply(clock)

    def turn_into_a_script(document: dict[str, Any]) -> None:
        item(document, "notices", "contact-form")["surface"] = "call_script"

    with pytest.raises(Unprocessable):
        apply(clock, turn_into_a_script)


def test_a_sandbox_stays_one(clock: HandClock) -> None:
    apply(clock)

    def try_out(document: dict[str, Any]) -> None:
        document["organisation"]["settings"]["sandbox"] = True

    with pytest.raises(Unprocessable):
        apply(clock, try_out)


def test_a_change_that_is_rolled_back_is_forgotten(app: Flask, clock: HandClock) -> None:
    applied = apply(clock)
    with write(applied.organisation) as tx:
        document = parsed(add_newsletter_recipient)
        notices.apply_document(tx, document, actor="tests", now=clock())
        notices.configuration(tx, applied.organisation)
        tx.session.rollback()
    with read(applied.organisation) as tx:
        found = notices.configuration(tx, applied.organisation)
    assert set(found.floors.values()) == {1}
    assert app.extensions["consent.configurations"][applied.organisation] == found
