"""What tests of mail share: an organisation with a server, and a way to queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import Sql, read, write
from consent_server.mail import Message, Queued, queue
from consent_server.mail.deliver import Mailer
from consent_server.mail.server import MailServer, Security, set_server
from consent_server.organisations import trail
from consent_server.web import current
from tests.support.house import make_house
from tests.support.mailserver import HOST
from tests.support.make import ACTOR

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock

VALUES = {
    "place": "cubalys.example",
    "purposes": ["La lettre du mois", "Les invitations"],
    "link": "https://consent.example/confirm/abc",
    "until": "3 décembre 2026",
}


@dataclass
class Office:
    """An organisation that writes to people."""

    app: Flask
    clock: HandClock
    organisation: int

    def use(self, port: int, **but: Any) -> None:
        """Let its mail leave by a server of the test."""
        settings = self.app.extensions["consent.settings"]
        allowed = settings.callable | {f"{HOST}:{port}"}
        self.app.extensions["consent.settings"] = replace(settings, callable=allowed)
        told = {"host": HOST, "port": port, "security": Security.NONE, **but}
        with write(self.organisation) as tx:
            set_server(tx, self.organisation, MailServer(**told), actor=ACTOR, now=self.clock())

    def queue(self, to: str = "ana@example.com", **but: Any) -> Queued:
        """Queue a message."""
        told = {"template": "confirm", "language": "fr", "values": VALUES, **but}
        budget = told.pop("budget", None)
        message = Message(organisation=self.organisation, to=to, match=to.lower(), **told)
        with write(self.organisation) as tx:
            queued = queue(tx, message, now=self.clock(), budget=budget)
        assert queued is not None
        return queued

    def mailer(self, **but: Any) -> Mailer:
        """Give what the worker would send with."""
        told = {"allowed": current.settings().callable, **but}
        return Mailer(self.app, clock=self.clock, **told)

    def deliver(self, **but: Any) -> int:
        """Send what is due."""
        return self.mailer(**but).deliver(self.organisation)

    def trail(self, action: str) -> list[dict[str, Any]]:
        """Read the audit trail."""
        with read(self.organisation) as tx:
            lines = trail(tx, self.organisation, most=200)
        return [line.said() for line in lines if line.action == action]

    def rows(self, columns: str = "state, tries, outcome") -> list[Any]:
        """Read the queue."""
        with write(self.organisation) as tx:
            return tx.run(Sql(f"SELECT {columns} FROM mail_message ORDER BY recorded_at, id"))


@pytest.fixture
def office(app: Flask, clock: HandClock) -> Office:
    """Give an organisation that writes to people."""
    return Office(app, clock, make_house(app, clock).organisation)
