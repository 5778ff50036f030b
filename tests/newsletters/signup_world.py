"""What the tests of signing up share: the form, the worker, the mail, the page, the button."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from consent_server.mail.deliver import Mailer
from consent_server.newsletters.signup.take_up import take_up
from consent_server.web import current
from tests.support.house import ORIGIN
from tests.support.mailserver import body_of

if TYPE_CHECKING:
    from email.message import EmailMessage

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.house import House

ADA = "ada.lindqvist@people.example"


@dataclass
class Desk:
    """A house with a form on its site, and the mail it sends."""

    app: Flask
    house: House

    def body(self, email: str = ADA, *purposes: str, **but: Any) -> dict[str, Any]:
        """Make the body of a form."""
        return {
            "email": email,
            "purposes": list(purposes) or ["newsletter"],
            "notice_version": self.house.form,
            "language": "fr",
            **but,
        }

    def send(self, body: dict[str, Any], origin: str | None = ORIGIN) -> TestResponse:
        """Send a form as a page's script does."""
        headers = {"Origin": origin} if origin else {}
        return self.house.client.post(self.path, json=body, headers=headers)

    @property
    def path(self) -> str:
        """Where forms go."""
        return f"/v1/sites/{self.house.site}/subscriptions"

    def ask(self, email: str = ADA, *purposes: str, **but: Any) -> str:
        """Sign up, let the worker write; gives the path that the mail leads to."""
        assert self.send(self.body(email, *purposes, **but)).status_code == 202
        (mail,) = self.work()
        return self.link(mail)

    def work(self) -> list[EmailMessage]:
        """Let the worker take up and send; gives the new messages."""
        folder = current.settings().data / "mail"
        before = set(folder.glob("*.eml"))
        while take_up(self.house.organisation):
            pass
        mailer = Mailer(self.app, clock=self.house.clock)
        while mailer.deliver(self.house.organisation):
            pass
        new = sorted(set(folder.glob("*.eml")) - before)
        return [message_from_bytes(each.read_bytes(), policy=policy.default) for each in new]

    @staticmethod
    def link(mail: EmailMessage) -> str:
        """Find the link in a message."""
        found = re.search(r"https?://\S+/confirm/\S+", body_of(mail))
        assert found
        return urlsplit(found[0]).path

    def open(self, path: str, **more: Any) -> TestResponse:
        """Open the page."""
        return self.house.client.get(path, **more)

    def press(self, path: str, page: TestResponse | None = None) -> TestResponse:
        """Press the button that the page offers."""
        text = (page or self.open(path)).get_data(as_text=True)
        found = re.search(r'name="page" value="([^"]+)"', text)
        assert found, text
        return self.house.client.post(path, data={"confirm": "1", "page": found[1]})
