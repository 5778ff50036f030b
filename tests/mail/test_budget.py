"""Mail that somebody else asks for is written within a budget: list bombing reaches nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consent_server.config import MailBudget
from consent_server.db import write
from consent_server.mail import Message, queue
from tests.mail.conftest import VALUES
from tests.support.figures import figure

if TYPE_CHECKING:
    from tests.mail.conftest import Office

MANY = figure(120, 10_000)


def asked(office: Office, to: str, budget: MailBudget) -> bool:
    """Ask for a mail as a form does; tells whether it was written."""
    message = Message(
        organisation=office.organisation,
        to=to,
        match=to.lower(),
        template="confirm",
        language="fr",
        values=VALUES,
        about="newsletter",
    )
    with write(office.organisation) as tx:
        return queue(tx, message, now=office.clock(), budget=budget) is not None


def test_46_ten_thousand_sign_ups_for_one_domain_write_no_more_than_it_is_allowed(
    office: Office,
) -> None:
    budget = MailBudget(domain_an_hour=50)
    written = [asked(office, f"reader{number}@one.example", budget) for number in range(MANY)]
    assert sum(written) == 50
    assert asked(office, "reader@another.example", budget)
    office.clock.advance(minutes=61)
    assert asked(office, "later@one.example", budget)


def test_46_ten_thousand_sign_ups_for_one_address_in_a_day_write_three(office: Office) -> None:
    budget = MailBudget()
    spellings = ("ada@people.example", "A.d.a@people.example", "ada+news@people.example")
    written = []
    for number in range(MANY):
        written.append(asked(office, spellings[number % 3], budget))
        office.clock.advance(seconds=86_000 / MANY)
    assert sum(written) == 3
