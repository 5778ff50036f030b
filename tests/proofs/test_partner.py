"""A partner that shares a tracker gets the proofs of it: without identifiers, and no others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server import organisations
from consent_server.db import write
from consent_server.organisations import NewKey, Scope
from consent_server.organisations.cli import keys_commands
from consent_server.proofs import partner
from consent_server.verify import verify_bundle
from tests.support.ground import ground
from tests.support.make import bearer

if TYPE_CHECKING:
    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
ADA = {"email": "ada.lindqvist@people.example"}


def partner_key(house: House, *trackers: str) -> str:
    wanted = NewKey(
        name="a partner",
        scopes=frozenset({Scope.PROOFS_PARTNER}),
        trackers=frozenset(trackers),
    )
    with write(house.organisation) as tx:
        return organisations.create_key(
            tx, house.organisation, wanted, maker=None, now=house.clock()
        )[0]


@dataclass
class Shared:
    """A house whose visitors chose, and the key of a partner that shares tidemark."""

    ground: Ground
    house: House
    key: str
    chosen: list[dict[str, Any]]
    visitors: list[str]

    def ask(self, tracker: str = "tidemark", key: str = "", **query: Any) -> Any:
        return self.house.client.get(
            f"/v1/trackers/{tracker}/proofs",
            query_string=query,
            headers=bearer(key or self.key),
        )


@pytest.fixture(scope="module")
def shared(ground: Ground) -> Shared:
    house = ground.ours
    bodies = [house.choice(), house.choice("refuse_all"), house.choice()]
    chosen = []
    for each in bodies:
        chosen.append(house.choose(each).get_json())
        # One after the other: what happens at once stands in any order.
        ground.clock.advance(seconds=1)
    house.tell(ADA)
    house.integrate()
    return Shared(
        ground=ground,
        house=house,
        key=partner_key(house, "tidemark"),
        chosen=chosen,
        visitors=[each["visitor"] for each in bodies],
    )


def records(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(each["record"]) for each in answer.get_json()["proofs"]]


def test_the_partner_gets_a_proof_of_each_choice_about_the_tracker(shared: Shared) -> None:
    answer = shared.ask()
    assert answer.status_code == 200
    proofs = answer.get_json()["proofs"]
    assert [each["id"] for each in records(answer)] == [each["id"] for each in shared.chosen]
    for proof in proofs:
        assert verify_bundle(proof, keys=proof["checkpoint_keys"]).holds
    # By its id as by its slug.
    trackers = shared.house.get("/v1/trackers").get_json()["trackers"]
    (number,) = [each["id"] for each in trackers if each["slug"] == "tidemark"]
    assert shared.ask(number).get_json() == answer.get_json()


def test_nothing_in_it_names_anybody(shared: Shared) -> None:
    text = shared.ask().get_data(as_text=True)
    for secret in (*shared.visitors, "lindqvist", "sub_", '"opening"'):
        assert secret not in text
    assert not any("newsletter" in each["choices"] for each in records(shared.ask()))


def test_pages_follow_each_other_and_lose_nothing(shared: Shared) -> None:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    for _ in shared.chosen:
        page = shared.ask(limit=1, **after)
        found += records(page)
        after = {"after": page.get_json()["next"]}
    assert [each["id"] for each in found] == [each["id"] for each in shared.chosen]
    last = shared.ask(**after).get_json()
    assert last["proofs"] == []
    assert shared.ask(after=last["next"]).get_json() == last


def test_a_page_looks_only_so_far_and_says_where_the_next_begins(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner, "_MOST_LOOKED_AT", 2)
    page = shared.ask()
    assert len(page.get_json()["proofs"]) == 2
    assert len(shared.ask(after=page.get_json()["next"]).get_json()["proofs"]) == 1


def test_another_tracker_another_house_and_a_missing_one_are_the_same_404(
    shared: Shared,
) -> None:
    other = shared.ask("adlantern")
    missing = shared.ask("nothing-of-the-kind")
    stranger = shared.ask(key=partner_key(shared.ground.theirs, "tidemark"))
    assert [each.status_code for each in (other, missing, stranger)] == [404] * 3
    assert other.get_json() == missing.get_json() == stranger.get_json()


def test_the_key_opens_no_other_door(shared: Shared) -> None:
    for path in (
        f"/v1/decisions/{shared.chosen[0]['id']}",
        f"/v1/decisions/{shared.chosen[0]['id']}/proof?opening=true",
        "/v1/events",
        "/v1/audit",
        "/v1/trackers",
    ):
        assert shared.house.client.get(path, headers=bearer(shared.key)).status_code == 403
    # One that may fetch every proof may fetch these too; one that may not, may not.
    full = organisations_key(shared.house, Scope.PROOFS_PARTNER, Scope.PROOFS)
    assert shared.ask(key=full).status_code == 200
    assert shared.ask(key=organisations_key(shared.house, Scope.PROOFS)).status_code == 403


def organisations_key(house: House, *scopes: Scope) -> str:
    wanted = NewKey(name="another", scopes=frozenset(scopes))
    with write(house.organisation) as tx:
        return organisations.create_key(
            tx, house.organisation, wanted, maker=None, now=house.clock()
        )[0]


def test_a_partners_key_names_its_trackers_by_api_and_by_command(shared: Shared) -> None:
    house = shared.house
    body = {"name": "p", "scopes": ["proofs:partner"], "trackers": ["tidemark"]}
    made = house.post("/v1/keys", body).get_json()
    assert made["trackers"] == ["tidemark"]
    assert shared.ask(key=made["key"]).status_code == 200
    for wrong in ({**body, "trackers": []}, {**body, "scopes": ["lookup"]}):
        refused = house.post("/v1/keys", wrong)
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["pointer"] == "/trackers"
    words = ["create", "--organisation", "cubalys", "--name", "p", "--scope", "proofs:partner"]
    assert CliRunner().invoke(keys_commands, words).exit_code == 2
    created = CliRunner().invoke(keys_commands, [*words, "--tracker", "tidemark", "--json"])
    assert json.loads(created.stdout)["trackers"] == ["tidemark"]


def test_a_partners_key_makes_none_for_the_trackers_of_others(shared: Shared) -> None:
    wanted = NewKey(
        name="both",
        scopes=frozenset({Scope.PROOFS_PARTNER, Scope.KEYS}),
        trackers=frozenset({"tidemark"}),
    )
    house = shared.house
    with write(house.organisation) as tx:
        key, _ = organisations.create_key(
            tx, house.organisation, wanted, maker=None, now=house.clock()
        )
    body: dict[str, Any] = {"name": "p", "scopes": ["proofs:partner"]}
    body["trackers"] = ["tidemark", "adlantern"]
    refused = house.client.post("/v1/keys", json=body, headers=bearer(key))
    assert refused.status_code == 403
    body["trackers"] = ["tidemark"]
    assert house.client.post("/v1/keys", json=body, headers=bearer(key)).status_code == 201


def test_each_look_is_in_the_audit_trail(shared: Shared) -> None:
    shared.ask()
    entries = shared.house.get("/v1/audit").get_json()["entries"]
    looks = [each for each in entries if each["action"] == "tracker.proved"]
    assert looks
    assert looks[0]["target"] == "tidemark"
    assert looks[0]["actor"].startswith("key:")
