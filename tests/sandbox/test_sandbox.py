"""A sandbox: a double with keys of its own, a log of its own, and an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server import ledger, organisations
from consent_server.db import Base, Sql, read
from consent_server.fsck import check_all
from consent_server.ids import parse
from consent_server.organisations import Scope
from consent_server.sandbox.cli import sandbox_commands
from consent_server.sandbox.wipe import KEPT, emptied
from consent_server.web import current
from tests.support import document
from tests.support.make import bearer, make_key

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.house import House

ADA = {"email": "ada@people.example"}


class Double:
    """What a developer has in hand after one call."""

    def __init__(self, house: House) -> None:
        made = house.post("/v1/sandbox", {})
        assert made.status_code == 201, made.get_data(as_text=True)
        self.client = house.client
        self.made: dict[str, Any] = made.get_json()
        self.key = bearer(self.made["key"])
        self.organisation = parse("org", self.made["organisation"]) or 0

    def post(self, path: str, body: Any) -> TestResponse:
        return self.client.post(path, json=body, headers=self.key)

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.key).get_json()

    def tell(self, **but: Any) -> TestResponse:
        notices = self.get("/v1/notices")["notices"]
        form = next(each for each in notices if each["surface"] == "form")
        body = {
            "subject": ADA,
            "choices": {"newsletter": "granted"},
            "notice_version": form["version"],
            "source": "website-form",
            "assertion": "witnessed",
            **but,
        }
        return self.post("/v1/decisions", body)

    def why(self) -> str:
        asked = {"subject": ADA, "purpose": "newsletter"}
        return str(self.post("/v1/permissions", asked).get_json()["because"])

    @property
    def log(self) -> str:
        with read() as tx:
            return organisations.log_of(tx, self.organisation)


def signer() -> ledger.LogSigner:
    return ledger.LogSigner.of(current.settings(), current.keyring())


def test_one_call_gives_a_double_and_a_key_that_works_there_alone(house: House) -> None:
    double = Double(house)
    assert double.made["key"].startswith("cs_test_")
    assert (double.made["slug"], double.made["created"]) == ("cubalys-sandbox", True)
    assert double.tell().status_code == 201
    assert double.why() == "consent"
    # What is tried there is not so here, nor the other way about.
    assert house.why(ADA) == "never_asked"
    house.tell({"email": "ben@people.example"})
    assert double.get("/v1/organisations")["organisations"][0]["slug"] == "cubalys-sandbox"


def test_a_live_key_is_nobodys_with_the_sandboxes_prefix(house: House) -> None:
    double = Double(house)
    for text in (house.key, double.made["key"]):
        swapped = text.replace("cs_live_", "cs_xxxx_").replace("cs_test_", "cs_live_")
        swapped = swapped.replace("cs_xxxx_", "cs_test_")
        answer = house.client.get("/v1/keys", headers=bearer(swapped))
        assert answer.status_code == 401


def test_asking_again_brings_the_double_in_step_and_gives_another_key(house: House) -> None:
    first = Double(house)
    again = Double(house)
    assert again.organisation == first.organisation
    assert (again.made["created"], again.made["key"] != first.made["key"]) == (False, True)


def test_the_double_gets_no_scope_that_its_maker_lacks_and_never_host(house: House) -> None:
    weak = make_key(house.clock, house.organisation, {Scope.KEYS, Scope.LOOKUP})
    made = house.client.post("/v1/sandbox", json={}, headers=bearer(weak)).get_json()
    answer = house.client.get("/v1/events", headers=bearer(made["key"]))
    assert answer.status_code == 403
    whole = Double(house)
    rows = whole.get("/v1/keys")["keys"]
    mine = next(row for row in rows if row["id"] == whole.made["key_id"])
    assert "host" not in mine["scopes"]


def test_a_sandbox_has_none_of_its_own_and_only_it_can_be_wiped(house: House) -> None:
    double = Double(house)
    for answer in (double.post("/v1/sandbox", {}), house.post("/v1/sandbox/wipe", {})):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "sandbox")


def test_an_organisation_that_is_no_sandbox_is_never_taken_for_one(
    app: Flask, house: House
) -> None:
    with read() as tx:
        number = organisations.find(tx, "cubalys")
    assert number is not None
    live = document.plain(lambda told: told["organisation"].update(slug="cubalys-sandbox"))
    assert house.post("/v1/organisations", live).status_code == 201
    refused = house.post("/v1/sandbox", {})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "sandbox")


def test_trying_costs_the_main_log_no_leaf(house: House) -> None:
    double = Double(house)
    house.integrate()
    before = house.client.get("/log/checkpoint").get_data()
    double.tell()
    double.why()
    house.integrate()
    assert house.client.get("/log/checkpoint").get_data() == before
    own = house.client.get(f"/log/{double.log}/checkpoint")
    assert own.status_code == 200


def test_a_wipe_leaves_document_words_sites_and_keys_and_nothing_that_was_tried(
    house: House,
) -> None:
    double = Double(house)
    sites = double.get("/v1/sites")
    versions = [each["version"] for each in double.get("/v1/notices")["notices"]]
    made = double.tell().get_json()
    double.post("/v1/webhooks", {"url": "https://hooks.localhost/x"})
    house.integrate()
    old = double.log
    assert double.post("/v1/sandbox/wipe", {}).status_code == 204
    house.integrate()
    assert double.why() == "never_asked"
    assert double.get("/v1/sites") == sites
    assert [each["version"] for each in double.get("/v1/notices")["notices"]] == versions
    gone = house.client.get(f"/v1/decisions/{made['id']}", headers=double.key)
    assert gone.status_code == 404
    types = {event["type"] for event in double.get("/v1/events")["events"]}
    assert types == {"notice.published"}
    assert house.client.get(f"/log/{old}/checkpoint").status_code == 404
    # And life goes on.
    assert double.tell().status_code == 201
    assert double.why() == "consent"
    house.integrate()
    assert list(check_all()) == []


def test_a_wipe_keeps_the_live_organisation_as_it_was(house: House) -> None:
    double = Double(house)
    house.tell(ADA)
    house.integrate()
    before = house.get("/v1/events").get_json()["next"]
    double.tell()
    double.post("/v1/sandbox/wipe", {})
    house.integrate()
    assert house.why(ADA) == "consent"
    assert house.get("/v1/events").get_json()["next"] >= before
    assert list(check_all()) == []


def test_a_log_that_ended_is_guarded_no_more_and_a_restart_is_not_refused(
    house: House,
) -> None:
    double = Double(house)
    double.tell()
    house.integrate()
    old = double.log
    note = signer().guard.highest(old)
    assert note is not None
    double.post("/v1/sandbox/wipe", {})
    # A sequencer that had signed just before comes late.
    signer().guard.raise_to(old, note)
    assert old not in signer().guard.logs()
    ledger.refuse_other_history(signer())


def test_every_table_is_either_kept_by_a_wipe_or_emptied(house: House) -> None:
    double = Double(house)
    double.tell()
    double.post("/v1/sandbox/wipe", {})
    assert set(Base.metadata.tables) >= KEPT
    with read(double.organisation) as tx:
        for name in emptied():
            rows = tx.run(
                Sql(f"SELECT count(*) FROM {name} WHERE organisation_id = :organisation"),
                {"organisation": double.organisation},
            )
            # The wipe itself is written down.
            assert rows[0][0] == (1 if name == "audit_entry" else 0), name


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_command_line_makes_and_wipes_one(house: House) -> None:
    runner = CliRunner()
    made = runner.invoke(sandbox_commands, ["create", "--scope", "lookup"])
    assert made.exit_code == 0, made.output
    assert "cs_test_" in made.output
    slug = "cubalys-sandbox"
    asked = runner.invoke(sandbox_commands, ["wipe", "-o", slug], input="n\n")
    assert asked.exit_code == 1
    wiped = runner.invoke(sandbox_commands, ["wipe", "-o", slug, "--yes"])
    assert (wiped.exit_code, wiped.output) == (0, "It is empty.\n")
