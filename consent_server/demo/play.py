"""Playing the past: each step goes through the door that anybody uses, at its own time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..problems import RefusedToStart
from .mailbox import letters
from .steps import Step, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

_CONFIRMATION: Final = re.compile(r"https?://[^\s/]+(/confirm/\S+)")
_BUTTON: Final = re.compile(r'name="page" value="([^"]+)"')
_ONE_CLICK: Final = {"List-Unsubscribe": "One-Click"}


class PastRefused(RefusedToStart):
    """A door refused a step that it was made for."""


class MovedClock:
    """A clock that stands where the past has got to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Tell the time of the step that is being played."""
        return self.now


@dataclass
class Organisation:
    """Where an organisation's doors are at the moment."""

    site: str
    origin: str
    api_key: str
    # Notice slug -> public id of the version in force.
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Player:
    """Plays steps over HTTP, without a network."""

    client: FlaskClient
    organisations: dict[str, Organisation]
    # Does what the worker would: takes up forms, and lets mail leave.
    work: Callable[[str], None]
    # The folder in which mail that left lies.
    mail: Path

    def play(self, step: Step) -> None:
        """Send one step; a step that was sent before changes nothing."""
        _WAYS[step.way](self, step, self.organisations[step.organisation])

    def banner(self, step: Step, organisation: Organisation) -> None:
        """Send a visitor's choice, as the site's own page would."""
        self._send(
            f"/v1/sites/{organisation.site}/decisions",
            _worded(step, organisation),
            {"Origin": organisation.origin},
        )

    def subject(self, step: Step, organisation: Organisation) -> None:
        """Send facts about a person."""
        self._call("/v1/subjects", step.body, organisation, step.name)

    def decision(self, step: Step, organisation: Organisation) -> None:
        """Send a decision that a system saw or was told of."""
        self._call("/v1/decisions", _worded(step, organisation), organisation, step.name)

    def link(self, step: Step, organisation: Organisation) -> None:
        """Say that two people are one."""
        people = [
            self._call("/v1/subjects", person, organisation)["subject"]
            for person in step.body["people"]
        ]
        body = {"source": step.body["source"], "actor": step.body["actor"]}
        self._call("/v1/links", {**body, "subjects": people}, organisation)

    def unsubscribe(self, step: Step, organisation: Organisation) -> None:
        """Click on the link of a mail, as a mailbox does (RFC 8058)."""
        made = self._call("/v1/unsubscribe-links", step.body, organisation)
        response = self.client.post(urlsplit(made["url"]).path, data=_ONE_CLICK)
        _read(response, "the unsubscribe link")

    def sign_up(self, step: Step, organisation: Organisation) -> None:
        """Send the site's form, and let the mail about it leave."""
        self._send(
            f"/v1/sites/{organisation.site}/subscriptions",
            _worded(step, organisation),
            {"Origin": organisation.origin},
        )
        self.work(step.organisation)

    def confirm(self, step: Step, _organisation: Organisation) -> None:
        """Open the link of the mail, and press the button of its page."""
        # The newest of this organisation's: one of the other's may have the same address.
        mine = next(
            each
            for each in letters(self.mail)
            if each.to == step.body["email"] and f"@{step.organisation}." in each.sender
        )
        found = _CONFIRMATION.search(" ".join(mine.pieces))
        path = found[1] if found else ""
        page = self.client.get(path)
        _read(page, "the confirmation page")
        button = _BUTTON.search(page.get_data(as_text=True))
        # A page that was pressed before, by a load that was interrupted, has none.
        if button:
            said = {"confirm": "1", "page": button[1]}
            _read(self.client.post(path, data=said), "the confirmation")

    def _call(
        self, path: str, body: Mapping[str, Any], organisation: Organisation, name: str = ""
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {organisation.api_key}"}
        if name:
            headers["Idempotency-Key"] = name
        return self._send(path, body, headers)

    def _send(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        response = self.client.post(path, json=body, headers=headers)
        _read(response, path)
        answer: dict[str, Any] = response.get_json()
        return answer


_WAYS: Final = {
    Way.BANNER: Player.banner,
    Way.SUBJECT: Player.subject,
    Way.DECISION: Player.decision,
    Way.LINK: Player.link,
    Way.UNSUBSCRIBE: Player.unsubscribe,
    Way.SIGN_UP: Player.sign_up,
    Way.CONFIRM: Player.confirm,
}


def _worded(step: Step, organisation: Organisation) -> dict[str, Any]:
    """Name the words that were answered: those in force at that moment."""
    if step.notice is None:
        return dict(step.body)
    return {**step.body, "notice_version": organisation.versions[step.notice]}


def _read(response: TestResponse, door: str) -> None:
    if response.status_code >= 300:
        # The door and the refusal, neither the body nor a link: they lead to people.
        said = (response.get_json(silent=True) or {}).get("detail", "")
        raise PastRefused(
            f"{door} refused a step of the demonstration: {response.status_code} {said}"
        )
