"""The receipt in the forms of others: signed, as ISO/IEC TS 27560 with DPV, as Kantara's."""

from __future__ import annotations

import csv
import json
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any, NoReturn

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyld import jsonld

from consent_server.decisions.forms.dpv import STATUS
from consent_server.ledger.canonical import canonical_bytes
from tests.ledger.vectors import VECTORS, needs_vectors

if TYPE_CHECKING:
    from tests.support.house import House

ADA = {"email": "ada.lindqvist@people.example", "external_id": "C-77"}
DPV = "https://w3id.org/dpv#"


def fetch(house: House, name: str, form: str) -> Any:
    answer = house.client.get(f"/v1/receipts/{name}?form={form}")
    assert answer.status_code == 200
    return answer


def receipts(house: House) -> dict[str, str]:
    """Give receipts of every sort: a banner's yes and no, a form's yes, a no to no words."""
    objection = {"subject": ADA, "choices": {"prospecting.post": "refused"}, "source": "email"}
    told = {
        "banner": house.choose(house.choice()),
        "refused": house.choose(house.choice("refuse_all")),
        "form": house.tell(ADA),
        "objection": house.post("/v1/decisions", objection),
    }
    return {name: answer.get_json()["receipt"] for name, answer in told.items()}


def no_network(url: str, _options: object) -> NoReturn:
    raise AssertionError(f"reading it would ask {url}")


def expanded(document: Any) -> Any:
    return jsonld.expand(document, {"documentLoader": no_network})


def one(record: Any, *path: str) -> Any:
    """Follow names, through the first of each list."""
    for name in path:
        record = record[0] if isinstance(record, list) else record
        record = record[name]
    return record


# ISO/IEC TS 27560, the fields that it wants (REC-1), and where each stands.
RECEIPT_FIELDS: dict[str, tuple[str, ...]] = {
    "schema_version": ("dct:conformsTo",),
    "receipt_id": ("dct:identifier",),
}
PROCESS = ("dpv:hasProcess",)
CONTROLLER = ("dpv:hasDataController",)
STATUS_OF = ("dpv:hasConsentStatus",)
RECORD_FIELDS: dict[str, tuple[str, ...]] = {
    "schema_version": ("dct:conformsTo",),
    "record_id": ("dct:identifier",),
    "pii_principal_id": ("dpv:hasDataSubject", "dct:identifier"),
    "privacy_notice": ("dpv:hasNotice", "@id"),
    "language": ("dpv:hasNotice", "dct:language"),
    "purposes": (*PROCESS, "dpv:hasPurpose", "dct:identifier"),
    "purpose_type": (*PROCESS, "dpv:hasPurpose", "@type"),
    "lawful_basis": (*PROCESS, "dpv:hasLegalBasis", "@id"),
    "pii_information": (*PROCESS, "dpv:hasPersonalData"),
    "pii_type": (*PROCESS, "dpv:hasPersonalData", "@type"),
    "pii_controllers": CONTROLLER,
    "storage_locations": (*PROCESS, "dpv:hasStorageCondition", "dpv:hasLocation"),
    "jurisdiction": ("dpv:hasJurisdiction", "@id"),
    "recipient_third_parties": (*PROCESS, "dpv:hasRecipient", "@type"),
    "privacy_rights": ("dpv:hasRight", "@id"),
    "party_id": (*CONTROLLER, "dct:identifier"),
    "party_address": (*CONTROLLER, "dpv:hasAddress"),
    "party_name": (*CONTROLLER, "dpv:hasName"),
    "party_contact": (*CONTROLLER, "dpv:hasContact"),
    "party_type": (*CONTROLLER, "@type"),
}
CONSENT_FIELDS = {
    "withdrawal_method": ("dpv:hasConsentControl", "dpv:isExercisedAt"),
    "collection_method": (*STATUS_OF, "dpv:hasIndicationMethod"),
    "event_time": (*STATUS_OF, "dpv:isIndicatedAtTime"),
    "validity_duration": (*STATUS_OF, "dpv:hasDuration"),
    "entity_id": (*STATUS_OF, "dpv:isIndicatedBy", "@id"),
    "event_type": (*PROCESS, "dpv:hasLegalBasis", "@type"),
    "event_state": (*STATUS_OF, "@type"),
}


def test_rec_1_every_field_that_27560_wants_is_there(house: House) -> None:
    for name in receipts(house).values():
        document = fetch(house, name, "dpv").get_json()
        for field, path in RECEIPT_FIELDS.items():
            assert one(document, *path), field
        for record in document["dpv:hasRecordOfActivity"]:
            wanted = dict(RECORD_FIELDS)
            if record["@type"] == "dpv:ConsentRecord":
                wanted |= CONSENT_FIELDS
            for field, path in wanted.items():
                assert one(record, *path), (field, record["dpv:hasProcess"])
            _, kept = record["dpv:hasProcess"][0]["dpv:hasStorageCondition"]
            assert kept["dpv:hasDuration"].startswith("P"), "retention_period"


def test_rec_1_each_purpose_says_what_was_answered(house: House) -> None:
    names = receipts(house)
    for name, status, count in (
        ("banner", "dpv:ConsentGiven", 3),
        ("refused", "dpv:ConsentRefused", 3),
        ("form", "dpv:ConsentGiven", 1),
    ):
        records = fetch(house, names[name], "dpv").get_json()["dpv:hasRecordOfActivity"]
        assert [one(each, *STATUS_OF, "@type") for each in records] == [status] * count
    (objected,) = fetch(house, names["objection"], "dpv").get_json()["dpv:hasRecordOfActivity"]
    assert "dpv:hasConsentStatus" not in objected
    assert one(objected, *RECORD_FIELDS["lawful_basis"]) == "eu-gdpr:A6-1-f"
    taken_back = house.tell(ADA, choices={"newsletter": "withdrawn"}).get_json()["receipt"]
    (record,) = fetch(house, taken_back, "dpv").get_json()["dpv:hasRecordOfActivity"]
    assert one(record, *STATUS_OF, "@type") == "dpv:ConsentWithdrawn"


def test_rec_2_it_is_json_ld_that_is_read_without_asking_anybody(house: House) -> None:
    name = receipts(house)["banner"]
    answer = house.client.get(f"/v1/receipts/{name}", headers={"Accept": "application/ld+json"})
    assert answer.mimetype == "application/ld+json"
    document = answer.get_json()
    (graph,) = expanded(document)
    assert graph["@type"] == [f"{DPV}ConsentReceipt"]
    (conforms,) = graph["http://purl.org/dc/terms/conformsTo"]
    assert conforms["@id"] == "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
    # Nothing is lost on the way to triples: every name in it is an address.
    lines = jsonld.normalize(
        document, {"format": "application/n-quads", "documentLoader": no_network}
    ).splitlines()
    assert sum("dpv#hasConsentStatus>" in line for line in lines) == 3
    assert all(":" in term for term in _terms(document)), "a term without a vocabulary"


def _terms(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_terms, value))
    if not isinstance(value, dict):
        return set()
    names = {name for name in value if not name.startswith("@")}
    inner = [part for name, part in value.items() if name != "@context"]
    return names.union(*map(_terms, inner))


@needs_vectors
def test_rec_3_and_rec_4_every_term_is_one_of_the_vocabulary(house: House) -> None:
    known: dict[str, set[str]] = {}
    for file in ("consent_status", "consent_types", "consent_controls", "purposes"):
        with (VECTORS / f"dpv/{file}.csv").open(encoding="utf-8") as rows:
            known[file] = {f"dpv:{row['term']}" for row in csv.DictReader(rows)}
    assert set(STATUS.values()) <= known["consent_status"]
    for name in receipts(house).values():
        for record in fetch(house, name, "dpv").get_json()["dpv:hasRecordOfActivity"]:
            assert one(record, *RECORD_FIELDS["purpose_type"]) in known["purposes"]
            if record["@type"] == "dpv:ConsentRecord":
                assert one(record, *CONSENT_FIELDS["event_type"]) in known["consent_types"]
                assert (
                    one(record, "dpv:hasConsentControl", "@type") in known["consent_controls"]
                )


@needs_vectors
def test_rec_5_kantaras_receipt_is_what_its_schema_wants(house: House) -> None:
    folder = VECTORS / "kantara"
    schema = json.loads(
        (folder / "kantara-consent-receipt-v1_1-schema.nocomments.json").read_text()
    )
    validator = jsonschema_rs.Draft4Validator(schema)
    assert validator.is_valid(
        json.loads((folder / "kantara-consent-receipt-v1_1-example.json").read_text())
    )
    names = receipts(house)
    for name in names.values():
        receipt = fetch(house, name, "kantara").get_json()
        validator.validate(receipt)
        assert receipt["version"] == "KI-CR-v1.1.0"
        for required in schema["required"]:
            assert not validator.is_valid({**receipt, required: None})
    (service,) = fetch(house, names["banner"], "kantara").get_json()["services"]
    by_title = {each["purpose"]: each for each in service["purposes"]}
    assert len(by_title) == 3
    assert any(each["thirdPartyDisclosure"] for each in by_title.values())
    # It has no word for a no.
    assert fetch(house, names["refused"], "kantara").get_json()["services"] == []


def test_jw_1_the_signed_receipt_is_verified_with_the_published_key_alone(house: House) -> None:
    name = receipts(house)["form"]
    token = fetch(house, name, "jws").get_data(as_text=True)
    asked = house.client.get(f"/v1/receipts/{name}", headers={"Accept": "application/jose"})
    assert asked.get_data(as_text=True) == token
    header, payload, signature = (_decoded(part) for part in token.split("."))
    said = json.loads(header)
    assert (said["alg"], said["typ"]) == ("Ed25519", "consent-receipt+jwt")
    keys = house.client.get("/.well-known/jwks.json").get_json()["keys"]
    (key,) = [each for each in keys if each["kid"] == said["kid"]]
    public = Ed25519PublicKey.from_public_bytes(_decoded(key["x"]))
    public.verify(signature, token.rpartition(".")[0].encode())
    told = fetch(house, name, "json").get_json()
    assert json.loads(payload) == told
    assert payload == canonical_bytes(told)


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_no_form_names_the_person_and_two_of_hers_share_no_number(house: House) -> None:
    first, second = house.tell(ADA).get_json(), house.tell(ADA).get_json()
    for form in ("json", "html", "jws", "dpv", "kantara"):
        text = fetch(house, first["receipt"], form).get_data(as_text=True)
        for secret in ("lindqvist", "C-77", first["subject"], "website-form"):
            assert secret not in text
    one_, other = (
        fetch(house, each["receipt"], "kantara").get_json() for each in (first, second)
    )
    assert one_["piiPrincipalId"] != other["piiPrincipalId"]
    assert fetch(house, first["receipt"], "kantara").get_json() == one_


@pytest.mark.parametrize("form", ["xml", "", "JSON"])
def test_a_form_that_is_none_is_refused_with_those_that_are(house: House, form: str) -> None:
    name = house.tell(ADA).get_json()["receipt"]
    answer = house.client.get(f"/v1/receipts/{name}?form={form}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/form"
