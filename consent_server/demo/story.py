"""One person's dealings with one organisation, told as steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339
from .steps import Step, Way, name_of
from .visitors import daytime

if TYPE_CHECKING:
    from random import Random

    from .people import Person
    from .setting import Setting, Span

# Every step says that it is one of a demonstration: banners by `surface`, systems so.
ACTOR: Final = "demonstration"
YES: Final = "granted"
NO: Final = "refused"


@dataclass
class Story:
    """Writes the steps of one person, in order."""

    setting: Setting
    span: Span
    person: Person
    random: Random
    name: str
    steps: list[Step] = field(default_factory=list)

    def day(self, farthest: float, nearest: float) -> datetime:
        """Draw a moment between two numbers of days before the end."""
        return daytime(self.span.back(self.random.uniform(nearest, farthest)), self.random)

    def after(self, at: datetime, least: float, most: float) -> datetime:
        """Draw a moment some days later, if there is still time for it."""
        later = daytime(at + timedelta(days=self.random.uniform(least, most)), self.random)
        return min(later, daytime(self.span.back(1.5), self.random))

    def known(self, kind: str, since: datetime, **more: object) -> dict[str, Any]:
        """Give the facts that come with a person: a relationship, capacity, country."""
        relationship = {"kind": kind, "since": rfc3339(since)}
        if kind == "customer":
            relationship |= {"contract": True}  # type: ignore[dict-item] # a JSON object
        return {
            "relationships": [relationship],
            "capacity": self.person.capacity,
            "country": "FR",
            **more,
        }

    def meet(self, at: datetime, source: str, **facts: object) -> None:
        """Record who the person is."""
        body = {
            "identifiers": [
                {"email": self.person.email},
                {"phone": self.person.phone},
                {"external_id": self.person.external_id},
            ],
            "source": source,
            "actor": ACTOR,
            **facts,
        }
        self._add(at, Way.SUBJECT, body)

    def tick(self, at: datetime, choices: dict[str, str], **facts: object) -> None:
        """Let the person answer the site's form, with her e-mail address."""
        self._decide(
            at,
            {"email": self.person.email, **facts},
            choices,
            source=self.setting.from_form,
            assertion="witnessed",
        )

    def agree(self, at: datetime, choices: dict[str, str], evidence: str) -> None:
        """Record what the person said to someone, who kept evidence of it."""
        self._decide(
            at,
            {"email": self.person.email, "phone": self.person.phone},
            choices,
            source=self.setting.from_call,
            assertion="evidenced",
            evidence=evidence,
        )

    def say_no(self, at: datetime, *purposes: str) -> None:
        """Record a no that came by letter or by mail: it needs no words and no proof."""
        body = {
            "subject": {"email": self.person.email},
            "choices": dict.fromkeys(purposes, NO),
            "source": self.setting.from_call,
            "actor": ACTOR,
            "decided_at": rfc3339(at),
        }
        self._add(at, Way.DECISION, body)

    def unsubscribe(self, at: datetime, purpose: str) -> None:
        """Let the person click on the link of a mail."""
        self._add(
            at,
            Way.UNSUBSCRIBE,
            {"subject": {"email": self.person.email}, "purpose": purpose},
        )

    def sign_up(self, at: datetime, purpose: str) -> None:
        """Let somebody, the person perhaps, write her address into the site's form."""
        body = {
            "email": self.person.email,
            "purposes": [purpose],
            "language": self.person.language,
        }
        self._add(at, Way.SIGN_UP, body, notice=self.setting.form)

    def confirm(self, at: datetime) -> None:
        """Let the person open the link of the mail that came, and press its button."""
        self._add(at, Way.CONFIRM, {"email": self.person.email})

    def link_private_address(self, at: datetime) -> None:
        """Record a second address, and that it is the same person's."""
        second = {
            "identifiers": [{"email": self.person.private_email}],
            "source": self.setting.from_call,
            "actor": ACTOR,
        }
        first = {**second, "identifiers": [{"email": self.person.email}]}
        body = {"people": [first, second], "source": self.setting.from_call, "actor": ACTOR}
        self._add(at, Way.LINK, body)

    def _decide(
        self, at: datetime, subject: dict[str, object], choices: dict[str, str], **how: str
    ) -> None:
        body = {
            "subject": subject,
            "choices": choices,
            "language": self.person.language,
            "actor": ACTOR,
            "decided_at": rfc3339(at),
            **how,
        }
        self._add(at, Way.DECISION, body, notice=self.setting.form)

    def _add(
        self, at: datetime, way: Way, body: dict[str, Any], *, notice: str | None = None
    ) -> None:
        self.steps.append(
            Step(
                at=at,
                organisation=self.setting.slug,
                way=way,
                name=name_of(self.name, len(self.steps)),
                body=body,
                notice=notice,
            )
        )
