"""Bare identifiers: a lookup that spares itself a look misses nothing, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent_server.db import Question, Sql, db, read, swift_write
from consent_server.fsck import check_all, mend_all
from consent_server.ids import new_id
from consent_server.organisations import keys_of
from consent_server.permissions import gather
from consent_server.permissions.hot import question
from consent_server.permissions.lookup import hashes_of
from consent_server.subjects.bare import not_bare
from tests.imports.conftest import Desk
from tests.support.ground import ground

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Flask

    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
PEOPLE = 3
KINDS = ("email", "phone", "external_id", "visitor")
_names = count(1)
_CLAIMS = Sql(
    "SELECT kind, bare FROM identifier WHERE organisation_id = :organisation ORDER BY 1, 2"
)
_OVERLOOK = Sql(
    "UPDATE identifier SET bare = 1 WHERE organisation_id = :organisation AND kind = 'email'"
)
_FACT = Sql(
    "INSERT INTO subject_fact (organisation_id, id, subject_id, kind, body, recorded_at)"
    " SELECT organisation_id, id, subject_id, 'deceased', '{}', 1 FROM identifier"
    " WHERE organisation_id = :organisation"
)
who = st.integers(0, PEOPLE - 1)
kinds = st.sampled_from(KINDS)
facts = st.sampled_from([{}, {}, {"country": "FR"}, {"relationships": [{"kind": "customer"}]}])
answers = st.sampled_from(["granted", "refused"])
know = st.tuples(
    st.just("know"),
    who,
    st.sampled_from([*([kind] for kind in KINDS), KINDS[:2], KINDS[1:3], KINDS[2:]]),
    facts,
    st.sampled_from([False] * 4 + [True]),
)
decide = st.tuples(st.just("decide"), who, st.sampled_from(KINDS[:3]), facts, answers)
rows = st.tuples(who, st.booleans(), st.sampled_from(["", "", "FR"]), answers)
steps = st.one_of(
    know,
    know,
    decide,
    st.tuples(st.just("carry"), st.lists(rows, min_size=1, max_size=5)),
    st.tuples(st.just("choose"), who),
    st.tuples(st.just("link"), who, kinds, kinds),
    st.tuples(st.just("unlink")),
    st.tuples(st.just("suppress"), who),
    st.tuples(st.just("attempt"), who),
    st.tuples(st.just("erase"), who),
)


class Story:
    """Some people of one example, of whom things become known in any order."""

    def __init__(self, house: House) -> None:
        self.house, self.name = house, next(_names)
        self.links: list[str] = []

    def names(self, number: int) -> dict[str, str]:
        """Tell everything that one of them may be known by."""
        own = self.name * PEOPLE + number
        return {
            "email": f"bare{own}@people.example",
            "phone": f"+336{own:08d}",
            "external_id": f"bare-{own}",
            "visitor": f"bare{own:018d}",
        }

    def step(self, what: str, *told: Any) -> None:
        """Let something happen; what is refused changes nothing."""
        getattr(self, what)(*told)
        self.house.clock.advance(minutes=1)

    def _post(self, path: str, body: Any) -> Any:
        answer = self.house.post(path, body)
        assert answer.status_code < 500, answer.get_data(as_text=True)
        return answer.get_json()

    def choose(self, number: int) -> None:
        self.house.choose(self.house.choice(visitor=self.names(number)["visitor"]))

    def know(
        self, number: int, kinds: Sequence[str], facts: Mapping[str, Any], shared: bool
    ) -> None:
        several: list[dict[str, Any]] = [{kind: self.names(number)[kind]} for kind in kinds]
        if shared:
            # Two of them have it.
            several[-1] = {"phone": self.names(0)["phone"], "shared": True}
        self._post("/v1/subjects", {"identifiers": several, "source": "desk", **facts})

    def decide(self, number: int, kind: str, facts: Mapping[str, Any], answer: str) -> None:
        who = {kind: self.names(number)[kind], **facts}
        self.house.tell(who, choices={"newsletter": answer})

    def link(self, number: int, first: str, second: str) -> None:
        other = (number + 1) % PEOPLE
        self.know(number, [first], {}, shared=False)
        self.know(other, [second], {}, shared=False)
        pair = [{first: self.names(number)[first]}, {second: self.names(other)[second]}]
        made = self._post("/v1/links", {"identifiers": pair, "source": "log-in"})
        if "link" in made:
            self.links.append(made["link"])

    def unlink(self) -> None:
        if self.links:
            path = f"/v1/links/{self.links.pop()}"
            self.house.client.delete(path, headers=self.house.headers)

    def suppress(self, number: int) -> None:
        who = {"phone": self.names(number)["phone"]}
        body = {"subject": who, "scope": "marketing", "reason": "complained"}
        self._post("/v1/suppressions", body)

    def attempt(self, number: int) -> None:
        who = {"phone": self.names(number)["phone"]}
        body = {"subject": who, "channel": "phone", "source": "desk"}
        self._post("/v1/contacts/attempts", body)

    def erase(self, number: int) -> None:
        body = {"subject": {"email": self.names(number)["email"]}, "reason": "asked"}
        self._post("/v1/subjects/erase", body)

    def carry(self, rows: list[tuple[int, bool, str, str]]) -> None:
        lines = ["email,external_id,country,purpose,answer,decided_at,evidence"]
        for number, both, country, answer in rows:
            names = self.names(number)
            other = names["external_id"] if both else ""
            said = f"newsletter,{answer},2026-03-01T10:00:00Z,a form"
            lines.append(f"{names['email']},{other},{country},{said}")
        Desk(self.house).apply("\n".join(lines))


def everywhere(kind: str, hashes: int) -> Question:
    """Write the question so that it believes no identifier."""
    usual = question(kind, hashes)
    texts = [usual.sqlite, usual.postgresql]
    believing = "AND +bare = 1)"
    assert all(believing in text for text in texts)
    return Question(*(text.replace(believing, "AND +bare > 1)") for text in texts))


def seen(house: House, kind: str, text: str) -> tuple[Any, ...]:
    """Give everything a lookup reads of whoever an identifier names."""
    keys = keys_of(house.organisation)
    _, hashes = hashes_of(keys, kind, text, region="FR")
    found = gather.gather(db.engine, house.organisation, kind, hashes)
    return found.identifiers, found.subjects, found.account, repr(found.told)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=st.lists(steps, min_size=3, max_size=12))
def test_a_lookup_that_believes_its_identifier_sees_what_one_that_looks_everywhere_does(
    ground: Ground, history: list[tuple[Any, ...]]
) -> None:
    house = ground.ours
    story = Story(house)
    for what, *told in history:
        story.step(what, *told)
    with read(house.organisation) as tx:
        assert not_bare(tx, house.organisation) == []
    for number in range(PEOPLE):
        for kind, text in story.names(number).items():
            short = seen(house, kind, text)
            with patch.object(gather, "question", everywhere):
                assert seen(house, kind, text) == short


def claims(house: House) -> list[tuple[str, int]]:
    """Give what each identifier of an organisation claims."""
    with read(house.organisation) as tx:
        rows = tx.run(_CLAIMS, {"organisation": house.organisation})
    return [(kind, bare) for kind, bare in rows]


def test_whoever_is_new_and_known_by_one_name_alone_is_looked_for_nowhere_else(
    house: House,
) -> None:
    house.choose(house.choice())
    house.tell({"email": "ada@people.example"})
    done = Desk(house).apply(
        "email,purpose,answer,decided_at,evidence,country\n"
        "ben@people.example,newsletter,granted,2026-03-01T10:00:00Z,a form,\n"
        "cleo@people.example,newsletter,refused,,,\n"
    )
    assert done["new"] == 2, done
    assert claims(house) == [("email", 1)] * 3 + [("visitor", 1)]


@pytest.mark.parametrize(
    "more",
    [
        {"country": "FR"},
        {"identifiers": [{"email": "ada@people.example"}, {"phone": "+33612345678"}]},
    ],
    ids=["a fact", "another identifier"],
)
def test_whatever_more_becomes_known_is_looked_for(house: House, more: Any) -> None:
    ada = {"identifiers": [{"email": "ada@people.example"}], "source": "desk"}
    house.post("/v1/subjects", ada)
    assert claims(house) == [("email", 1)]
    house.post("/v1/subjects", {**ada, **more})
    assert {bare for _, bare in claims(house)} == {0}


def test_a_fact_of_somebody_who_came_in_the_same_batch_after_others_facts_is_seen(
    house: House,
) -> None:
    # The rows of a batch are written table by table: hers come after another's fact.
    Desk(house).apply("email,purpose,answer\nada@people.example,newsletter,refused\n")
    Desk(house).apply(
        "email,external_id,purpose,answer,country\n"
        "ada@people.example,,newsletter,refused,FR\n"
        ",crm-1,newsletter,refused,\n"
        ",crm-1,newsletter,refused,FR\n"
        ",crm-2,newsletter,refused,\n"
    )
    assert claims(house) == [("email", 0), ("external_id", 0), ("external_id", 1)]


def test_the_database_takes_it_back_from_whoever_writes(house: House) -> None:
    house.tell({"email": "ada@people.example"})
    with swift_write(house.organisation) as tx:
        tx.run(_FACT, {"organisation": house.organisation})
    assert claims(house) == [("email", 0)]
    assert house.why({"email": "ada@people.example"}) == "deceased"


def test_what_claims_too_much_is_found_and_mended(house: House) -> None:
    house.tell({"email": "ada@people.example", "external_id": "crm-1"})
    house.tell({"email": "ben@people.example"})
    with swift_write(house.organisation) as tx:
        tx.run(_OVERLOOK, {"organisation": house.organisation})
    house.integrate()
    assert ["would not see all that is known of sub_" in each for each in check_all()] == [True]
    assert mend_all() == 1
    assert list(check_all()) == []
    assert claims(house) == [("email", 0), ("email", 1), ("external_id", 0)]


def test_newcomers_and_what_is_told_of_them_may_come_at_once(app: Flask, house: House) -> None:
    def tell(number: int) -> int:
        who = {"email": f"ada{number // 4}@people.example"}
        told = [
            ("/v1/subjects", {"identifiers": [who], "source": "x", "country": "FR"}),
            (
                "/v1/subjects",
                {"identifiers": [who, {"external_id": f"crm-{new_id()}"}], "source": "x"},
            ),
            ("/v1/decisions", house.told(who)),
            ("/v1/decisions", house.told({**who, "country": "FR"})),
        ][number % 4]
        client = app.test_client()
        return client.post(told[0], json=told[1], headers=house.headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(tell, range(32))) <= {201, 409}
    assert {bare for kind, bare in claims(house)} == {0}
