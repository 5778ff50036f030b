"""A large base is made as the server's own doors would leave it, only faster."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from consent_server.alone import alone
from consent_server.bench.cli import populate_command
from consent_server.bench.people import SHARES, Story, person
from consent_server.bench.populate import already, begin, populate
from consent_server.fsck import check_all
from consent_server.organisations import keys_of
from consent_server.permissions.lookup import Question, answer
from consent_server.problems import RefusedToStart

if TYPE_CHECKING:
    from flask import Flask

    from consent_server.config import Settings
    from tests.support.clock import HandClock

PEOPLE = 400
SEED = 3
EXPECTED = {
    Story.READS: {"consent"},
    Story.READS_AND_MORE: {"consent"},
    Story.LEFT: {"withdrawn"},
    Story.LONG_AGO: {"expired"},
    Story.REFUSED: {"refused"},
    Story.UNCONFIRMED: {"unconfirmed"},
    Story.PROSPECT: {"never_asked"},
    Story.CUSTOMER: {"consent"},
    Story.OBJECTED: {"never_asked"},
    Story.SUPPRESSED: {"suppressed"},
}


def test_a_base_is_clean_and_answers_as_its_stories_say(app: Flask, clock: HandClock) -> None:
    organisation = begin(now=clock())
    rows = populate(organisation, subjects=PEOPLE, seed=SEED, now=clock())
    assert rows > PEOPLE * 5
    assert list(check_all()) == []
    asked = Question(purpose="newsletter")
    made = [person(SEED, number) for number in range(PEOPLE)]
    for each in made:
        for kind, text in (("email", each.email), ("phone", each.phone)):
            if text:
                (said,) = answer(
                    keys_of(organisation), kind, text, [asked], region="FR", now=clock()
                )
                # A yes opens the identifiers it was made through: here, all of them.
                assert said["because"] in EXPECTED[each.story], each
    assert {each.story for each in made} == set(Story)


def test_a_base_goes_on_from_what_an_earlier_run_made(app: Flask, clock: HandClock) -> None:
    organisation, most = begin(now=clock()), 60
    populate(organisation, subjects=most // 2, seed=SEED, now=clock())
    there = already(organisation, subjects=most, seed=SEED)
    assert there == most // 2
    populate(organisation, subjects=most, seed=SEED, now=clock(), there=there)
    assert already(begin(now=clock()), subjects=most, seed=SEED) == most
    assert list(check_all()) == []


def test_a_base_is_put_nowhere_where_somebody_else_is(app: Flask, clock: HandClock) -> None:
    organisation, device = begin(now=clock()), _first_device(SEED)
    assert already(organisation, subjects=1, seed=SEED) == 0
    populate(organisation, subjects=device + 1, seed=SEED, now=clock())
    with pytest.raises(RefusedToStart, match="that seed 4 did not make"):
        already(organisation, subjects=500, seed=SEED + 1)
    with pytest.raises(RefusedToStart, match="ask for more"):
        already(organisation, subjects=1, seed=SEED)
    # Somebody is gone, or came by another door: the numbers no longer tell who is there.
    populate(organisation, subjects=device + 3, seed=SEED, now=clock(), there=device + 2)
    with pytest.raises(RefusedToStart, match="that seed 3 did not make"):
        already(organisation, subjects=500, seed=SEED)


def test_two_do_not_make_people_at_once(app: Flask, settings: Settings) -> None:
    with alone(settings.data / "bench.lock", "not now"):
        refused = app.test_cli_runner().invoke(populate_command, ["--subjects", "1"])
    assert isinstance(refused.exception, RefusedToStart)
    assert "people are being made here already" in str(refused.exception)


def _first_device(seed: int) -> int:
    return next(number for number in range(1000) if person(seed, number).visitor)


def test_the_same_seed_makes_the_same_people_in_their_shares() -> None:
    several = [person(1, number) for number in range(20_000)]
    assert several == [person(1, number) for number in range(20_000)]
    assert several != [person(2, number) for number in range(20_000)]
    assert sum(SHARES.values()) == 1000
    counted = Counter(each.story for each in several)
    for story, share in SHARES.items():
        assert abs(counted[story] / 20 - share) < 20
    for names in ("email", "phone", "external_id", "visitor"):
        told = [getattr(each, names) for each in several if getattr(each, names)]
        assert len(told) == len(set(told)) > 0
