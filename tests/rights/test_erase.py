"""Erasing a person: everything goes at once, and what she said no to stays said."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from consent_server.db import Base, Sql, read, write
from consent_server.fsck import check_all
from consent_server.ids import parse
from consent_server.notices import configuration
from consent_server.outbox.parting import KEPT, forget_names
from tests.newsletters.world import ONE_CLICK, count, dump, link
from tests.rights.world import ADA, CRM, PHONE, erase, know, say_yes_herself
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from consent_server.config import Settings
    from tests.support.clock import HandClock
    from tests.support.house import House

# Links never die; what waits for a receiver is an event, which names nobody.
REMEMBERS = ("unsubscribe_link", "webhook_waiting")
HERS = (
    "subject", "identifier", "crossed_hash", "subject_fact", "decision", "standing",
    "standing_end", "link",
)  # fmt: skip


def fill(house: House) -> str:
    """Let somebody be known in every way."""
    subject = know(
        house, ADA, PHONE, CRM, relationships=[{"kind": "customer"}], capacity="consumer"
    )
    house.tell(ADA)
    other = know(house, {"email": "a.lindqvist@work.example"}, country="FR")
    linked = house.post("/v1/links", {"subjects": [subject, other], "source": "log-in"})
    assert linked.status_code == 201
    visitor = "visitor-of-22-letters-"
    choice = house.choose(house.choice(visitor=visitor)).get_json()
    pair = {"subjects": [subject, choice["subject"]], "source": "log-in"}
    undone = house.post("/v1/links", pair).get_json()["link"]
    house.client.delete(f"/v1/links/{undone}", headers=house.headers)
    return subject


def test_promise_7_nothing_of_her_is_left_and_every_other_proof_still_holds(
    house: House,
) -> None:
    fill(house)
    bea = house.tell({"email": "bea@people.example"}).get_json()
    hers = house.tell(ADA).get_json()
    house.integrate()
    told = erase(house, ADA)
    assert (told["erased"], len(told["subjects"])) == (True, 2)
    # Bea and the visitor, who was linked once and is no longer.
    assert count(house, "subject") == 2
    with read(house.organisation) as tx:
        kept = tx.run(Sql("SELECT kind, sealed IS NULL FROM ledger_record"))
        (sealed,) = tx.run(Sql("SELECT count(*) FROM link"))[0]
    assert sealed == 0
    gone = {kind for kind, empty in kept if empty}
    assert gone == {"subject", "decision", "link"}
    house.integrate()
    assert list(check_all()) == []
    assert house.get(f"/v1/decisions/{bea['id']}/proof").status_code == 200
    erased = house.get(f"/v1/decisions/{hers['id']}/proof")
    assert (erased.status_code, erased.get_json()["code"]) == (410, "erased")
    assert house.get(f"/v1/decisions/{hers['id']}").status_code == 410


def test_no_table_of_any_room_still_points_at_her(house: House) -> None:
    """A new table that holds a subject's rows belongs to what an erasure deletes."""
    subject = parse("sub", fill(house))
    house.integrate()
    with read(house.organisation) as tx:
        hers = {row[0] for row in tx.run(Sql("SELECT id FROM identifier"))}
    erase(house, ADA)
    with read(house.organisation) as tx:
        hers -= {row[0] for row in tx.run(Sql("SELECT id FROM identifier"))}
        assert len(hers) == 4
        for table in Base.metadata.tables.values():
            if table.name in REMEMBERS:
                continue
            for column in table.columns:
                if column.name.endswith(("subject_id", "identifier_id", "person_id")):
                    found = tx.run(Sql(f"SELECT {column.name} FROM {table.name}"))
                    left = {row[0] for row in found} & {subject, *hers}
                    assert not left, f"{table.name}.{column.name}"


@pytest.mark.parametrize("who", [ADA, PHONE, CRM])
def test_id_10_the_lookup_says_erased_by_each_of_her_identifiers(
    house: House, who: dict[str, str]
) -> None:
    fill(house)
    erase(house, who)
    for each in (ADA, PHONE, CRM):
        assert house.why(each) == "erased"
    assert house.why({"email": "nobody@people.example"}) == "never_asked"


def test_id_11_the_lookup_says_erased_by_the_hashes_that_other_tools_exchange(
    house: House,
) -> None:
    fill(house)
    forms = [("sha256_email", ADA["email"]), ("sha256_phone", "+33612345678"),
             ("sha256_phone", "33612345678")]  # fmt: skip
    asked = [{kind: hashlib.sha256(form.encode()).hexdigest()} for kind, form in forms]
    before = house.at(house.clock())
    assert house.why(asked[0]) == "consent"
    house.clock.advance(hours=1)
    erase(house, ADA)
    assert [house.why(each) for each in asked] == ["erased"] * 3
    listed = "\n".join(["sha256_email", *asked[0].values(), "0" * 64, ""])
    answer = house.client.post(
        "/v1/permissions/bulk?purpose=newsletter",
        data=listed,
        headers={**house.headers, "Content-Type": "text/csv"},
    )
    reasons = [line.split(",")[2] for line in answer.get_data(as_text=True).splitlines()[1:3]]
    assert reasons == ["erased", "never_asked"]
    house.clock.advance(hours=1)
    now = house.at(house.clock())
    assert {house.why(each, at=now) for each in asked} == {"erased"}
    # Of the day before nothing is left to be told, but that it was erased.
    assert {house.why(each, at=before) for each in asked} == {"erased"}


def test_er_4_neither_an_import_nor_a_system_s_yes_brings_her_back(house: House) -> None:
    house.tell(ADA)
    erase(house, ADA)
    house.clock.advance(days=1)
    know(house, ADA, relationships=[{"kind": "customer"}], capacity="professional")
    assert house.why(ADA) == "suppressed"
    for assertion in ("asserted", "witnessed"):
        assert house.tell(ADA, assertion=assertion).status_code == 201
    assert house.tell(ADA, assertion="evidenced", evidence="form 12").status_code == 201
    assert house.why(ADA) == "suppressed"
    assert house.why(ADA, "newsletter.professional") == "suppressed"
    house.integrate()
    assert list(check_all()) == []


def test_only_a_later_verified_yes_of_hers_lifts_it_and_only_for_what_it_names(
    house: House,
) -> None:
    house.tell(ADA)
    erase(house, ADA)
    moment = house.clock()
    house.clock.advance(days=1)
    say_yes_herself(house, "newsletter")
    assert house.why(ADA) == "consent"
    assert house.why(ADA, "prospecting.phone") == "suppressed"
    assert house.why(ADA, at=house.at(moment)) == "erased"
    house.integrate()
    assert list(check_all()) == []
    events = house.get("/v1/events?limit=1000").get_json()["events"]
    lifted = [each for each in events if each["type"] == "suppression.lifted"]
    assert [each["purpose"] for each in lifted] == ["newsletter"]


def test_without_suppression_or_proof_to_keep_nothing_remembers_her(house: House) -> None:
    know(house, ADA, CRM)
    told = erase(house, ADA, suppress=False)
    assert (told["erased"], told["suppressions"], told["vaulted"]) == (True, 0, 0)
    assert count(house, "suppression") == count(house, "vaulted_hash") == 0
    assert house.why(ADA) == house.why(CRM) == "never_asked"


def test_without_suppression_she_may_be_asked_again(house: House) -> None:
    house.tell(ADA)
    told = erase(house, ADA, suppress=False)
    assert (told["erased"], told["suppressions"]) == (True, 0)
    assert count(house, "suppression") == 0
    assert house.why(ADA) == "erased"
    house.tell(ADA)
    assert house.why(ADA) == "consent"


def test_promise_10_a_no_is_kept_even_when_nothing_else_is_to_be(house: House) -> None:
    house.tell(ADA)
    house.clock.advance(hours=1)
    no = {"subject": ADA, "choices": {"newsletter": "refused"}, "source": "mail"}
    house.post("/v1/decisions", no)
    assert erase(house, ADA, suppress=False)["suppressions"] == 1
    assert house.why(ADA) == "erased"
    house.clock.advance(hours=1)
    house.tell(ADA)
    assert house.why(ADA) == "suppressed"
    assert house.why(ADA, "prospecting.phone") == "never_asked"


def test_a_no_to_what_is_no_marketing_is_kept_beside_the_marketing(house: House) -> None:
    know(house, ADA, relationships=[{"kind": "customer"}])
    no = {"subject": ADA, "choices": {"survey": "refused"}, "source": "mail"}
    with read(house.organisation) as tx:
        others = [
            each.slug
            for each in configuration(tx, house.organisation).purposes.values()
            if each.kind == "other" and each.basis == "legitimate_interest"
        ]
    no["choices"] = {others[0]: "refused"}
    assert house.post("/v1/decisions", no).status_code == 201
    erase(house, ADA)
    know(house, ADA, relationships=[{"kind": "customer"}])
    assert house.why(ADA, others[0]) == "suppressed"


def test_erasing_twice_says_so_and_changes_nothing_more(house: House) -> None:
    fill(house)
    erase(house, ADA)
    before = {name: rows for name, rows in dump(house).items() if "audit" not in name}
    again = erase(house, ADA)
    assert again == {
        "erasure": None,
        "erased": False,
        "subjects": [],
        "suppressions": 0,
        "vaulted": 0,
        "vaulted_until": None,
    }
    after = dump(house)
    assert {name: after[name] for name in HERS} == {name: before[name] for name in HERS}
    assert after["suppression"] == before["suppression"]


def test_somebody_unknown_who_asks_is_remembered_not_to_be_asked(house: House) -> None:
    told = erase(house, ADA)
    assert (told["erased"], told["suppressions"]) == (False, 1)
    assert house.why(ADA) == "erased"
    house.tell(ADA)
    assert house.why(ADA) == "suppressed"


def test_two_people_in_one_body_are_refused_and_nothing_is_erased(house: House) -> None:
    know(house, ADA)
    know(house, PHONE)
    before = dump(house)
    body = {"subject": {**ADA, **PHONE}, "reason": "asked"}
    answer = house.post("/v1/subjects/erase", body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "identifiers_disagree")
    assert dump(house) == before


def test_a_shared_phone_names_nobody_and_its_other_holders_keep_what_they_have(
    house: House,
) -> None:
    family = {**PHONE, "shared": True}
    know(house, ADA, family)
    bea = {"email": "bea@people.example"}
    know(house, bea, family)
    house.tell(bea)
    refused = house.post("/v1/subjects/erase", {"subject": PHONE, "reason": "asked"})
    assert refused.status_code == 409
    erase(house, ADA)
    assert house.why(bea) == "consent"
    # Calls to the phone itself stop: one of those who share it wants no more.
    assert house.why(PHONE, "prospecting.phone") == "suppressed"


@pytest.mark.parametrize("purpose", ["newsletter", "marketing"])
def test_links_never_die_a_click_after_the_erasure_still_says_no(
    house: House, purpose: str
) -> None:
    house.tell(ADA)
    path = link(house, purpose=purpose)
    erase(house, ADA, suppress=False)
    assert house.client.get(path).status_code == 200
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert count(house, "suppression") == 1
    house.clock.advance(days=1)
    house.tell(ADA)
    assert house.why(ADA) == "suppressed"
    house.integrate()
    assert list(check_all()) == []


def test_a_link_of_somebody_erased_withdraws_for_her_who_came_again(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    erase(house, ADA, suppress=False)
    house.tell(ADA)
    assert house.why(ADA) == "consent"
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert house.why(ADA) == "withdrawn"


def test_the_event_carries_the_external_ids_once_and_for_thirty_days(
    house: House, clock: HandClock
) -> None:
    subject = know(house, ADA, CRM)
    house.integrate()
    erase(house, ADA)
    house.integrate()
    events = house.get("/v1/events?limit=1000").get_json()["events"]
    told = [each for each in events if each["external_ids"]]
    assert [(each["type"], each["subject"]) for each in told] == [("subject.erased", subject)]
    assert told[0]["external_ids"] == ["crm-1042"]
    clock.advance(seconds=KEPT.total_seconds() + 1)
    with write(house.organisation) as tx:
        forget_names(tx, house.organisation, clock())
    house.key = make_key(clock, house.organisation)
    again = house.get("/v1/events?limit=1000").get_json()["events"]
    assert [each["type"] for each in again] == [each["type"] for each in events]
    assert not any(each["external_ids"] for each in again)


def test_the_journal_keeps_a_line_that_names_nobody(house: House, settings: Settings) -> None:
    subject = know(house, ADA, CRM)
    told = erase(house, ADA)
    path = settings.data / "journal" / "erasures.jsonl"
    (line,) = [json.loads(text) for text in path.read_text().splitlines()]
    assert line["erasure"] == told["erasure"]
    assert line["subjects"] == [subject]
    assert {each["kind"] for each in line["identifiers"]} == {"email", "external_id"}
    assert not any(text in path.read_text() for text in ("lindqvist", "crm-1042"))


def test_a_journal_that_cannot_be_written_is_unavailable_and_nothing_is_erased(
    house: House, settings: Settings
) -> None:
    know(house, ADA)
    (settings.data / "journal" / "erasures.jsonl").mkdir(parents=True)
    before = dump(house)
    answer = house.post("/v1/subjects/erase", {"subject": ADA, "reason": "asked"})
    assert answer.status_code == 503
    assert dump(house) == before


@pytest.mark.parametrize(
    "reason", ["ada.lindqvist@people.example asked", "call from +33 6 12 34 56 78", ""]
)
def test_the_reason_is_kept_and_names_nobody(house: House, reason: str) -> None:
    body = {"subject": {**ADA, **PHONE}, "reason": reason}
    answer = house.post("/v1/subjects/erase", body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/reason"
    assert "ada" not in answer.get_data(as_text=True)


def test_promise_8_another_organisation_s_erasure_is_no_matter(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    other = bearer(make_key(clock, make_organisation(clock)))
    body = {"subject": ADA, "reason": "asked"}
    answer = house.client.post("/v1/subjects/erase", json=body, headers=other)
    assert answer.get_json()["erased"] is False
    assert house.why(ADA) == "consent"


def test_the_audit_trail_says_who_erased_and_names_nobody(house: House) -> None:
    know(house, ADA)
    told = erase(house, ADA)
    entries = house.get("/v1/audit").get_json()["entries"]
    line = next(each for each in entries if each["action"] == "subject.erased")
    assert line["target"] == told["erasure"]
    assert line["actor"].startswith("key:")
