"""People through HTTP: who is meant, who disagrees, who is one person."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from consent_server.db import Base, Sql, read
from consent_server.fsck import check_all
from consent_server.ids import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from tests.support.house import House

ADA = {"email": "ada@people.example"}
BEA = {"email": "bea@people.example"}
PHONE = "+33612345678"


def know(house: House, *identifiers: Mapping[str, object], **more: object) -> str:
    body = {"identifiers": list(identifiers), "source": "meeting", **more}
    answer = house.post("/v1/subjects", body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["subject"])


def test_the_same_address_is_the_same_person(house: House) -> None:
    assert know(house, ADA) == know(house, {"email": "ADA@people.example"})
    assert know(house, ADA) != know(house, BEA)


def test_id_5_a_person_is_a_random_id_and_her_address_no_key_of_any_table(
    house: House,
) -> None:
    subject = know(house, ADA)
    with read(house.organisation) as tx:
        ((own, sealed, found),) = tx.run(
            Sql("SELECT subject_id, sealed, hash FROM identifier WHERE kind = 'email'")
        )
    text = ADA["email"].encode()
    assert parse("sub", subject) == own
    assert text not in bytes(sealed)
    # Found by a keyed hash: none that whoever guesses addresses could make.
    plain = {hashlib.new(name, text).digest() for name in ("sha256", "sha512", "md5", "sha1")}
    assert bytes(found) not in plain
    for name, table in Base.metadata.tables.items():
        kept = {column.name for column in table.primary_key} | set(table.c.keys())
        assert not kept & {"email", "address", "phone"}, name
    house.post("/v1/subjects/erase", {"subject": ADA, "reason": "request", "suppress": False})
    assert know(house, ADA) != subject


def test_two_people_s_identifiers_in_one_body_disagree(house: House) -> None:
    know(house, ADA)
    know(house, {"phone": PHONE})
    body = {"identifiers": [ADA, {"phone": PHONE}], "source": "meeting"}
    answer = house.post("/v1/subjects", body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "identifiers_disagree")
    told = house.tell({**ADA, "phone": PHONE})
    assert (told.status_code, told.get_json()["code"]) == (409, "identifiers_disagree")


def test_a_shared_phone_never_disagrees_and_links_nobody(house: House) -> None:
    family = {"phone": PHONE, "shared": True}
    ada, bea = know(house, ADA, family), know(house, BEA, family)
    assert ada != bea
    house.tell(ADA)
    assert house.why(BEA) == "never_asked"
    # Asked alone it belongs to nobody in particular, and nobody said yes through it.
    assert house.why({"phone": PHONE}) == "never_asked"


def test_a_link_makes_one_person_and_undoing_it_makes_two_again(house: House) -> None:
    ada, bea = know(house, ADA), know(house, BEA)
    house.tell(ADA)
    link = house.post("/v1/links", {"subjects": [ada, bea], "source": "log-in"})
    assert link.status_code == 201
    no = {"subject": BEA, "choices": {"newsletter": "refused"}, "source": "mail"}
    house.post("/v1/decisions", no)
    assert house.why(ADA) == "refused"
    undone = house.client.delete(f"/v1/links/{link.get_json()['link']}", headers=house.headers)
    assert undone.status_code == 200
    assert house.why(ADA) == "consent"
    assert house.why(BEA) == "refused"
    assert list(check_all()) == []


def test_linked_identifiers_may_stand_in_one_body(house: House) -> None:
    ada, bea = know(house, ADA), know(house, {"phone": PHONE})
    house.post("/v1/links", {"subjects": [ada, bea], "source": "log-in"})
    assert house.tell({**ADA, "phone": PHONE}).status_code == 201
    assert house.why({"phone": PHONE}) == "consent"
    assert list(check_all()) == []


def test_a_no_said_while_linked_outlives_the_link_for_every_identifier_named(
    house: House,
) -> None:
    ada, bea = know(house, ADA), know(house, {"phone": PHONE})
    house.tell(ADA)
    house.tell({"phone": PHONE})
    link = house.post("/v1/links", {"subjects": [ada, bea], "source": "log-in"})
    house.clock.advance(hours=1)
    no = {"subject": {**ADA, "phone": PHONE}, "choices": {"newsletter": "refused"}}
    house.post("/v1/decisions", {**no, "source": "mail"})
    house.client.delete(f"/v1/links/{link.get_json()['link']}", headers=house.headers)
    assert house.why(ADA) == "withdrawn"
    assert house.why({"phone": PHONE}) == "withdrawn"
    assert list(check_all()) == []


def test_linking_a_stranger_s_subject_is_not_found(house: House) -> None:
    ada = know(house, ADA)
    body = {"subjects": [ada, "sub_0000000000001"], "source": "log-in"}
    assert house.post("/v1/links", body).status_code == 404


def test_facts_are_told_once_and_a_newer_one_closes_the_older(house: House) -> None:
    facts = {"relationships": [{"kind": "prospect"}], "capacity": "professional"}
    know(house, ADA, **facts)
    know(house, ADA, **facts)
    assert house.why(ADA, "newsletter.professional") == "legitimate_interest"
    know(house, ADA, capacity="consumer")
    # A consumer needs to be asked: the stricter of basis and regime counts.
    assert house.why(ADA, "newsletter.professional") == "never_asked"


def test_a_source_that_speaks_for_others_must_say_for_whom(house: House) -> None:
    body = {"identifiers": [ADA], "source": "employer"}
    answer = house.post("/v1/subjects", body)
    assert answer.get_json()["errors"][0]["pointer"] == "/on_behalf_of"
    body["on_behalf_of"] = "the person herself"
    assert house.post("/v1/subjects", body).status_code == 201


def test_a_third_party_s_data_wait_for_the_person_to_be_told(house: House) -> None:
    known = {"relationships": [{"kind": "prospect"}], "capacity": "professional"}
    body = {"identifiers": [ADA], "source": "google-api", **known}
    house.post("/v1/subjects", body)
    assert house.why(ADA, "newsletter.professional") == "information_missing"
    body["informed_at"] = house.at(house.clock())
    house.post("/v1/subjects", body)
    assert house.why(ADA, "newsletter.professional") == "legitimate_interest"


@pytest.mark.parametrize(
    ("fact", "pointer"),
    [
        ({"birth_year": 2027}, "/birth_year"),
        ({"collection": {"direct": True, "at": "2026-11-24T12:00:00Z"}}, "/collection/at"),
    ],
)
def test_nothing_is_known_of_a_time_to_come(
    house: House, fact: dict[str, object], pointer: str
) -> None:
    body = {"identifiers": [ADA], "source": "meeting", **fact}
    answer = house.post("/v1/subjects", body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer
    told = house.tell({**ADA, **fact})
    assert told.status_code == 422
    assert told.get_json()["errors"][0]["pointer"] == f"/subject{pointer}"
    assert know(house, ADA, birth_year=2026)


def test_two_spellings_of_one_address_are_one_identifier(house: House) -> None:
    loud = {"email": "ADA@People.Example"}
    body = {"identifiers": [ADA, loud], "source": "contract"}
    first = house.post("/v1/subjects", body)
    assert first.status_code == 201
    assert know(house, loud) == first.get_json()["subject"]


def test_linked_subjects_who_differ_are_judged_by_the_stricter_rule(house: House) -> None:
    ada = know(house, ADA, relationships=[{"kind": "prospect"}], capacity="consumer")
    bea = know(house, BEA, capacity="professional")
    assert house.why(ADA, "newsletter.professional") == "never_asked"
    house.post("/v1/links", {"subjects": [ada, bea], "source": "log-in"})
    assert house.why(ADA, "newsletter.professional") == "never_asked"
    assert house.why(BEA, "newsletter.professional") == "never_asked"


def test_a_relationship_of_the_last_year_of_the_calendar_is_answered(house: House) -> None:
    late = [{"kind": "prospect", "since": "9999-12-31T00:00:00Z"}]
    know(house, ADA, relationships=late, capacity="professional")
    assert house.why(ADA, "newsletter.professional") == "information_missing"


def test_links_made_at_the_same_moment_leave_one_person(house: House, app: Flask) -> None:
    subjects = [know(house, {"external_id": f"crm-{number}"}) for number in range(9)]
    pairs = list(pairwise(subjects))

    def join(pair: tuple[str, str]) -> int:
        body = {"subjects": list(pair), "source": "log-in"}
        return app.test_client().post("/v1/links", json=body, headers=house.headers).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(join, pairs)) == {201}
    assert list(check_all()) == []


def test_a_log_in_claims_a_link_between_the_visitor_and_the_person(house: House) -> None:
    visitor = {"visitor": "visitor-of-22-letters-"}
    chosen = house.choose(house.choice("accept_all", **visitor)).get_json()
    crm = {"external_id": "crm-1042"}
    ada = know(house, ADA, crm)
    claim = {"identifiers": [visitor, crm], "source": "log-in", "actor": "shop"}
    made = house.post("/v1/links", claim)
    assert made.status_code == 201
    # Claimed at every log-in, it is one link.
    assert house.post("/v1/links", claim).get_json() == made.get_json()
    (shown,) = house.get(f"/v1/links?subject={ada}").get_json()["links"]
    assert shown["subjects"] == [chosen["subject"], ada]
    assert (shown["source"], shown["actor"], shown["undone_at"]) == ("log-in", "shop", None)
    # Tracker choices stay with the browser that made them.
    assert house.why(visitor, "analytics") == "consent"
    assert house.why(crm, "analytics") == "never_asked"
    path = f"/v1/links/{made.get_json()['link']}"
    assert house.client.delete(path, headers=house.headers).status_code == 200
    assert house.get(path).get_json()["undone_at"] is not None
    assert house.why(visitor, "analytics") == "consent"
    house.integrate()
    assert list(check_all()) == []


def test_a_visitor_who_never_chose_is_not_made_a_subject_by_a_log_in(house: House) -> None:
    know(house, ADA)
    claim = {"identifiers": [{"visitor": "v" * 22}, ADA], "source": "log-in"}
    assert house.post("/v1/links", claim).status_code == 404


def test_a_claim_names_two_people_in_one_way(house: House) -> None:
    ada = know(house, ADA)
    for body in (
        {"source": "log-in"},
        {"subjects": [ada, ada], "source": "log-in"},
        {"identifiers": [ADA], "source": "log-in"},
        {"subjects": [ada, ada], "identifiers": [ADA, BEA], "source": "log-in"},
    ):
        assert house.post("/v1/links", body).status_code == 422, body


def test_every_fact_link_and_suppression_is_a_leaf(house: House) -> None:
    ada, bea = know(house, ADA, country="FR"), know(house, BEA)
    know(house, ADA, {"phone": PHONE})
    house.tell({**ADA, "country": "BE"})
    link = house.post("/v1/links", {"subjects": [ada, bea], "source": "log-in"}).get_json()
    house.client.delete(f"/v1/links/{link['link']}", headers=house.headers)
    house.post("/v1/suppressions", {"subject": ADA, "scope": "marketing"})
    with read(house.organisation) as tx:
        kinds = [row[0] for row in tx.run(Sql("SELECT kind FROM ledger_record"))]
    told = {kind: kinds.count(kind) for kind in ("subject", "decision", "link", "suppression")}
    assert told == {"subject": 4, "decision": 1, "link": 2, "suppression": 1}
