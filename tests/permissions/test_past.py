"""The past: what was answered stays answered; what is known today may say otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.ground import ground

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
_numbers = count(1)
PAPER = {"assertion": "evidenced", "evidence": "letter of that day, scan 118"}
PURPOSES = ("newsletter", "newsletter.professional", "prospecting.post", "customer_offers")


@dataclass
class Person:
    """Somebody with two identifiers, to whom things happen."""

    house: House
    clock: HandClock
    number: int = field(default_factory=lambda: next(_numbers))
    links: list[str] = field(default_factory=list)

    @property
    def email(self) -> dict[str, str]:
        return {"email": f"person{self.number}@people.example"}

    @property
    def other(self) -> dict[str, str]:
        return {"external_id": f"crm-{self.number}"}

    def answers(self, **more: Any) -> list[dict[str, Any]]:
        asked = [{"purpose": name, **more} for name in PURPOSES]
        told: list[dict[str, Any]] = []
        for who in (self.email, self.other):
            body = {"subject": who, "questions": asked}
            told += self.house.post("/v1/permissions", body).get_json()["permissions"]
        return told

    def happens(self, deed: str) -> None:
        self.clock.advance(hours=7)
        getattr(self, deed)()

    def facts(self, **facts: Any) -> None:
        body = {"identifiers": [self.email], "source": "meeting", **facts}
        assert self.house.post("/v1/subjects", body).status_code == 201

    def becomes_a_prospect(self) -> None:
        self.facts(relationships=[{"kind": "prospect"}])

    def becomes_a_customer(self) -> None:
        sale = dict.fromkeys(("direct", "in_sale", "similar", "refusal_offered"), True)
        kinds = [{"kind": "customer", "since": self.house.at(self.clock())}]
        self.facts(relationships=kinds, collection={**sale, "seller": "cubalys"})

    def works(self) -> None:
        self.facts(capacity="professional")

    def buys_for_herself(self) -> None:
        self.facts(capacity="consumer")

    def moves(self) -> None:
        self.facts(country="DE")

    def is_frozen(self) -> None:
        self.facts(restricted=True)

    def is_released(self) -> None:
        self.facts(restricted=False)

    def agrees(self) -> None:
        self.house.tell(self.email, **PAPER)

    def agreed_long_ago(self) -> None:
        then = self.house.at(self.clock() - timedelta(days=3))
        self.house.tell(self.email, decided_at=then, **PAPER)

    def refuses(self) -> None:
        self.house.tell(self.email, choices={"newsletter": "refused"})

    def refused_by_letter(self) -> None:
        then = self.house.at(self.clock() - timedelta(days=2))
        choices = {"newsletter": "refused", "prospecting.post": "refused"}
        self.house.tell(self.email, choices=choices, decided_at=then, **PAPER)

    def clicks(self) -> None:
        body = {"subject": self.email, "kind": "click", "source": "email"}
        assert self.house.post("/v1/contacts/touch", body).status_code == 201

    def is_linked(self) -> None:
        names = [self.email, self.other]
        subjects = [
            self.house.post(
                "/v1/subjects", {"identifiers": [name], "source": "meeting"}
            ).get_json()["subject"]
            for name in names
        ]
        body = {"subjects": subjects, "source": "meeting"}
        self.links.append(self.house.post("/v1/links", body).get_json()["link"])

    def is_unlinked(self) -> None:
        while self.links:
            path = f"/v1/links/{self.links.pop()}"
            self.house.client.delete(path, headers=self.house.headers)

    def leaves_for_good(self) -> None:
        asked = {"subject": self.email, "purpose": "marketing"}
        url = self.house.post("/v1/unsubscribe-links", asked).get_json()["url"]
        form = {"List-Unsubscribe": "One-Click"}
        assert self.house.client.post(urlsplit(url).path, data=form).status_code == 200


NOT_DEEDS = {"answers", "happens", "facts", "email", "other"}
DEEDS = sorted(
    name
    for name, what in vars(Person).items()
    if not name.startswith("_") and callable(what) and name not in NOT_DEEDS
)


@hypothesis_settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lived=st.lists(st.sampled_from(DEEDS), min_size=3, max_size=7))
def test_a_past_answer_is_unchanged_by_everything_recorded_since(
    ground: Ground, lived: list[str]
) -> None:
    person = Person(ground.ours, ground.clock)
    answered: list[tuple[str, list[dict[str, Any]]]] = []
    for deed in lived:
        person.happens(deed)
        answered.append((ground.ours.at(ground.clock()), person.answers()))
    ground.clock.advance(days=40)
    for moment, then in answered:
        assert person.answers(at=moment) == then


@pytest.fixture
def ada(ground: Ground) -> Person:
    """Give somebody who agreed three days ago."""
    person = Person(ground.ours, ground.clock)
    person.agrees()
    ground.clock.advance(days=3)
    return person


def why(person: Person, **more: Any) -> str:
    return person.house.why(person.email, **more)


def test_known_today_a_letter_s_no_acts_from_its_date(ground: Ground, ada: Person) -> None:
    ada.refused_by_letter()
    before, after = (
        ground.ours.at(ground.clock() - timedelta(days=2, minutes=minutes))
        for minutes in (1, -1)
    )
    ground.clock.advance(days=1)
    # As it was answered then, and as it was.
    assert why(ada, at=before) == why(ada, at=after) == "consent"
    assert why(ada, at=before, known="now") == "consent"
    assert why(ada, at=after, known="now") == "withdrawn"
    since = ground.ours.ask(ada.email, at=after, known="now")["since"]
    assert since < after


@pytest.mark.parametrize(
    ("days", "acts"), [(0.9, True), (1.1, False)], ids=["within a day", "later than a day"]
)
def test_known_today_a_stated_no_without_evidence_acts_if_we_heard_within_a_day(
    ground: Ground, ada: Person, days: float, *, acts: bool
) -> None:
    stated = ground.clock() - timedelta(days=days)
    ground.ours.tell(
        ada.email, choices={"newsletter": "refused"}, decided_at=ground.ours.at(stated)
    )
    just_after = ground.ours.at(stated + timedelta(minutes=1))
    now = ground.ours.at(ground.clock.advance(minutes=1))
    assert (why(ada, at=just_after, known="now") == "withdrawn") is acts
    assert why(ada, at=now, known="now") == "withdrawn"


def test_known_today_a_letter_entered_late_still_stops_a_yes_given_meanwhile(
    ground: Ground,
) -> None:
    person = Person(ground.ours, ground.clock)
    letter = ground.ours.at(ground.clock())
    ground.clock.advance(days=1)
    person.agrees()
    meanwhile = ground.ours.at(ground.clock.advance(hours=1))
    ground.clock.advance(days=1)
    ground.ours.tell(
        person.email, choices={"newsletter": "refused"}, decided_at=letter, **PAPER
    )
    ground.clock.advance(days=1)
    assert why(person) in {"refused", "withdrawn"}
    assert why(person, at=meanwhile) == "consent"
    assert why(person, at=meanwhile, known="now") in {"refused", "withdrawn"}


def test_known_today_what_happened_later_had_not_happened_yet(ground: Ground) -> None:
    person = Person(ground.ours, ground.clock)
    person.agrees()
    free = ground.ours.at(ground.clock.advance(hours=1))
    person.happens("is_frozen")
    person.happens("leaves_for_good")
    now = ground.ours.at(ground.clock.advance(hours=1))
    assert why(person, at=free, known="now") == "consent"
    assert why(person, at=now, known="now") == "restricted"
    person.happens("is_released")
    later = ground.ours.at(ground.clock.advance(hours=1))
    assert why(person, at=later, known="now") == "suppressed"


def test_known_today_a_contact_reported_late_had_kept_the_data(ground: Ground) -> None:
    person = Person(ground.ours, ground.clock)
    person.becomes_a_prospect()
    person.agrees()
    called = ground.ours.at(ground.clock.advance(days=1000))
    unknown = ground.ours.at(ground.clock.advance(days=200))
    assert why(person) == "past_retention"
    ground.clock.advance(days=1)
    body = {"subject": person.email, "kind": "call", "source": "phone-call", "at": called}
    assert ground.ours.post("/v1/contacts/touch", body).status_code == 201
    # Three years of consent are over too, so it says how the two differ.
    assert why(person, at=unknown) == "past_retention"
    assert why(person, at=unknown, known="now") == "expired"
