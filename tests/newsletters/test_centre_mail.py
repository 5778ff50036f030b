"""The centre's mails: a link for whoever asks, a proof for whoever allows."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from consent_server.db import Sql, read
from consent_server.db.transaction import Transaction
from consent_server.ids import public
from consent_server.mail.deliver import Mailer
from consent_server.web import current
from tests.newsletters.centre_world import ADA, buttons, link, open_page, press
from tests.newsletters.centre_world import read as said
from tests.newsletters.world import count

if TYPE_CHECKING:
    from email.message import EmailMessage

    from werkzeug.test import TestResponse

    from tests.support.clock import HandClock
    from tests.support.house import House

BEN = {"email": "ben.ortega@people.example"}
CLEO = {"email": "cleo.marsh@people.example"}
NOBODY = {"email": "nobody@people.example"}


def ask(house: House, email: str, language: str = "en") -> TestResponse:
    path = f"/p/at/{public('org', house.organisation)}"
    return house.client.post(path, data={"email": email}, headers={"Accept-Language": language})


def delivered(house: House) -> list[EmailMessage]:
    """Let what waits leave; gives every message that has left so far, the newest last."""
    settings = current.settings()
    mailer = Mailer(house.client.application, clock=house.clock, allowed=settings.callable)
    mailer.deliver(house.organisation)
    files = sorted((settings.data / "mail").glob("*.eml"))
    return [message_from_bytes(each.read_bytes(), policy=policy.default) for each in files]


def link_in(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://[^/\s]+(/p/[^\s?]+)\?lang=(\w\w)", body.get_content())
    assert found
    return found[1]


def test_the_form_mails_a_link_that_opens_the_page(house: House) -> None:
    house.tell(ADA)
    answer = ask(house, ADA["email"])
    assert "on its way" in said(answer)
    (message,) = delivered(house)
    assert message["To"] == ADA["email"]
    assert message["Subject"] == "Your choices at Cubalys"
    assert "Squared" in open_page(house, link_in(message))
    assert "no-store" in answer.headers["Cache-Control"]


def test_45_known_unknown_suppressed_and_erased_addresses_have_one_answer(house: House) -> None:
    for who in (ADA, BEN, CLEO):
        house.tell(who)
    house.post("/v1/suppressions", {"subject": BEN, "scope": "marketing"})
    house.post("/v1/subjects/erase", {"subject": CLEO, "reason": "asked"})
    answers = [ask(house, who["email"]) for who in (ADA, BEN, CLEO, NOBODY)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_data() for answer in answers}) == 1
    plain = [
        sorted((k, v) for k, v in a.headers if k not in {"X-Request-Id", "RateLimit"})
        for a in answers
    ]
    assert plain == plain[:1] * 4
    # The work is the same, too: what is known is not asked about at all.
    messages = delivered(house)
    assert sorted(m["To"] for m in messages) == sorted(
        who["email"] for who in (ADA, BEN, CLEO, NOBODY)
    )
    (nobody,) = [m for m in messages if m["To"] == NOBODY["email"]]
    assert "holds no choice of yours" in open_page(house, link_in(nobody))


def test_45_the_time_of_an_answer_does_not_depend_on_what_is_known(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.tell(ADA)
    asked: list[list[str]] = []

    # Nothing that is known of anybody is read or written, so there is nothing to take longer.
    plain = Transaction.run

    def run(self: Transaction, sql: Sql, values: object = None) -> object:
        asked[-1].append(sql.sqlite)
        return plain(self, sql, values)  # type: ignore[arg-type] # handed through

    monkeypatch.setattr(Transaction, "run", run)
    for who in (ADA, NOBODY):
        asked.append([])
        assert ask(house, who["email"]).status_code == 200
    for statements in asked:
        assert any("INSERT INTO mail_message" in each for each in statements)
        for table in ("identifier", "subject", "suppression", "decision", "standing"):
            assert not any(re.search(rf"\b{table}\b", each) for each in statements)


def test_46_ten_requests_for_one_mailbox_are_one_mail_and_ten_equal_answers(
    house: House,
) -> None:
    spelled = ["ada@people.example", "a.d.a+x@people.example", "ADA@people.example"]
    answers = {ask(house, spelled[turn % 3]).get_data() for turn in range(9)}
    assert len(answers) == 1
    assert len(delivered(house)) <= 3


@pytest.mark.parametrize(
    "address", ["", "no address", "a@b@c", "x\r\nBcc: y@z.example", "a" * 400 + "@b.example"]
)
def test_47_what_is_no_address_is_refused_beside_its_field(house: House, address: str) -> None:
    page = said(ask(house, address), 422)
    assert 'aria-describedby="fault"' in page
    assert count(house, "mail_message") == 0


def test_a_yes_takes_the_mail_that_the_page_sends_and_its_link_says_yes(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    path = link(house)
    press(house, path, "stop", "newsletter")
    clock.advance(minutes=1)
    assert "A message is on its way" in said(press(house, path, "prove"))
    (message,) = delivered(house)
    proved = link_in(message)
    assert any(each["do"] == "allow" for each in buttons(open_page(house, proved)))
    assert house.ask(ADA)["allowed"] is False
    press(house, proved, "allow", "newsletter")
    assert house.why(ADA) == "consent"


def test_an_erased_persons_mails_do_not_leave(house: House) -> None:
    house.tell(ADA)
    ask(house, ADA["email"])
    with read(house.organisation) as tx:
        ((sealed,),) = tx.run(Sql("SELECT sealed FROM mail_message"))
    assert b"ada.lindqvist" not in bytes(sealed)
