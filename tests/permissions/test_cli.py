"""`consent lookup` and `consent contacts`: the same answers and facts, on the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server.permissions.cli import lookup_command
from consent_server.subjects.cli import contacts_commands
from tests.support.ground import ground

if TYPE_CHECKING:
    import click
    from click.testing import Result

    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
ADA = "ada@people.example"


def run(command: click.Command, *words: str) -> Result:
    return CliRunner().invoke(command, words)


def look_up(*words: str) -> Any:
    answer = run(lookup_command, "cubalys", *words, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


@pytest.fixture(scope="module")
def house(ground: Ground) -> House:
    """Give an organisation that Ada agreed with, two days ago."""
    ground.clock.advance(days=2)
    ground.ours.tell({"email": ADA})
    ground.clock.advance(days=2)
    return ground.ours


def test_an_answer_is_that_of_the_door_and_tells_the_facts_behind_it(house: House) -> None:
    said = look_up(ADA, "newsletter", "--explain")
    assert said == house.ask({"email": ADA}, explain="full")
    shown = run(
        lookup_command, "cubalys", ADA, "newsletter", "--explain", "--lang", "fr"
    ).output
    assert shown.splitlines()[0].startswith("Oui")
    facts = [line for line in shown.splitlines() if line.startswith("- ")]
    assert facts == [f"- {step['fr']}" for step in said["chain"]]
    assert any("Il répondait au texte" in fact for fact in facts)


def test_a_past_moment_is_asked_with_at(house: House) -> None:
    before = house.at(house.clock() - timedelta(days=3))
    assert look_up(ADA, "newsletter", "--at", before)["because"] == "never_asked"
    assert look_up(ADA, "newsletter", "--at", before, "--known-now")["allowed"] is False
    for wrong in (
        ["--known-now"],
        ["--at", house.at(house.clock() + timedelta(days=1))],
        ["--at", "yesterday"],
    ):
        refused = run(lookup_command, "cubalys", ADA, "newsletter", *wrong)
        assert refused.exit_code == 2
        assert ADA not in refused.output


def test_contacts_are_recorded_and_count(house: House) -> None:
    ben = "+33612345678"
    told = run(contacts_commands, "touch", ben, "--as", "order", "-o", "cubalys", "--json")
    assert told.exit_code == 0, told.output
    for outcome in ([], ["--outcome", "refused"]):
        words = ["attempt", ben, "--channel", "phone", *outcome, "-o", "cubalys"]
        assert run(contacts_commands, *words).exit_code == 0
        house.clock.advance(minutes=1)
    chain = look_up(ben, "prospecting.phone", "--explain")["chain"]
    attempts = next(step for step in chain if step["about"] == "attempts")
    assert "2" in attempts["en"]
    contact = next(step for step in chain if step["about"] == "contact")
    assert contact["at"] == json.loads(told.output)["at"]


@pytest.mark.parametrize(
    "words",
    [
        ["touch", ADA, "--as", "open"],
        ["touch", ADA],
        ["attempt", ADA, "--channel", "web"],
        ["attempt", ADA, "--channel", "email", "--at", "never"],
    ],
    ids=["an open", "nothing done", "no such channel", "no time"],
)
@pytest.mark.usefixtures("house")
def test_what_cannot_be_is_refused(words: list[str]) -> None:
    refused = run(contacts_commands, *words, "-o", "cubalys")
    assert refused.exit_code == 2
    assert ADA not in refused.output
