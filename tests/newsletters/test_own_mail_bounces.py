"""A message of ours that comes back leads to whom it was for, whatever address is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.db import Sql, read
from tests.newsletters.signup_world import ADA, Desk
from tests.newsletters.test_reports import dsn, recipient, send

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.house import House

ELSEWHERE = "forwarded-to@elsewhere.example"


@pytest.fixture
def desk(app: Flask, house: House) -> Desk:
    return Desk(app, house)


def came_back(name: str, status: str = "5.1.1") -> bytes:
    raw = dsn(recipient(ELSEWHERE, status=status))
    return raw.replace(b"Subject: Squared", b"Subject: Squared\nMessage-ID: " + name.encode())


def state(desk: Desk) -> str:
    with read(desk.house.organisation) as tx:
        ((found,),) = tx.run(Sql("SELECT state FROM mail_message"))
    return str(found)


def test_the_message_s_own_recipient_is_stopped_and_signs_up_again(desk: Desk) -> None:
    desk.send(desk.body())
    (mail,) = desk.work()
    told = send(desk.house, came_back(str(mail["Message-ID"])))
    assert (told["added"], told["passed_over"]) == (1, 0)
    assert state(desk) == "bounced"
    assert desk.house.why({"email": ADA}) == "suppressed"
    assert desk.house.why({"email": ELSEWHERE}) == "never_asked"
    again = send(desk.house, came_back(str(mail["Message-ID"])))
    assert (again["added"], again["standing"]) == (0, 1)
    desk.house.clock.advance(minutes=11)
    desk.press(desk.ask())
    assert desk.house.why({"email": ADA}) == "consent"


def test_a_full_mailbox_and_a_name_of_nobody_s_message_stop_as_before(desk: Desk) -> None:
    desk.send(desk.body())
    (mail,) = desk.work()
    send(desk.house, came_back(str(mail["Message-ID"]), status="4.2.2"))
    assert state(desk) == "sent"
    send(desk.house, came_back("<mai_0000000000001@consent.example>"))
    assert desk.house.why({"email": ELSEWHERE}) == "suppressed"
    assert state(desk) == "sent"
