"""The receipt as ISO/IEC TS 27560 has it, in W3C's vocabulary (DPV 2): JSON-LD.

The context stands in the file, so that reading it asks nobody. One record for each purpose,
because each has an answer of its own; docs/receipts.md has the fields, one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...clock import rfc3339_micros
from .parts import means

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..receipt import Answer
    from .parts import Sheet

_SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560#"
CONTEXT: Final[Mapping[str, Any]] = {
    "@version": 1.1,
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct:created": {"@type": "xsd:dateTime"},
    "dct:conformsTo": {"@type": "@id"},
    "dpv:isExercisedAt": {"@type": "@id"},
    "dpv:isIndicatedAtTime": {"@type": "xsd:dateTime"},
    "dpv:hasDuration": {"@type": "xsd:duration"},
}
# How each standing that a decision made is called; the vocabulary has no other (REC-3).
STATUS: Final = {
    "granted": "dpv:ConsentGiven",
    "unconfirmed": "dpv:ConsentRequested",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "superseded": "dpv:ConsentInvalidated",
    "expired": "dpv:ConsentExpired",
}
_BASIS: Final = {
    "consent": "eu-gdpr:A6-1-a",
    "contract": "eu-gdpr:A6-1-b",
    "legal_obligation": "eu-gdpr:A6-1-c",
    "legitimate_interest": "eu-gdpr:A6-1-f",
}
_DATA: Final = {
    "email": "pd:EmailAddress",
    "phone": "pd:TelephoneNumber",
    "post": "pd:PhysicalAddress",
    "device": "pd:DeviceBased",
    "person": "pd:Identifying",
}
# Where the organisation's file says no term of its own (`dpv`).
_PURPOSES: Final = {
    "newsletter": "DirectMarketing",
    "prospecting": "DirectMarketing",
    "tracker": "Purpose",
    "other": "Purpose",
}
_ROLES: Final = {
    "processor": "dpv:DataProcessor",
    "authority": "dpv:Authority",
    "joint": "dpv:JointDataControllers",
}
# To ask, correct, erase, restrict, carry along, object, take back, complain.
_RIGHTS: Final = ("A15", "A16", "A17", "A18", "A20", "A21", "A7-3", "A77")
_UNTIL_CHANGED: Final = "P100Y"


def dpv_receipt(sheet: Sheet) -> dict[str, Any]:
    """Write the receipt: who says what to whom, and a record for each purpose."""
    receipt = sheet.receipt
    number = sheet.uuid("receipt")
    return {
        "@context": dict(CONTEXT),
        "@id": f"urn:uuid:{number}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": f"{_SCHEMA}receipt-eu-gdpr",
        "dct:identifier": number,
        "dct:created": rfc3339_micros(receipt.recorded_at),
        "dct:source": {"@id": sheet.url},
        "dpv:hasRecordOfActivity": [_record(sheet, each) for each in receipt.answers],
    }


def _record(sheet: Sheet, answer: Answer) -> dict[str, Any]:
    number = sheet.uuid(f"record|{answer.purpose}")
    principal = sheet.uuid("person")
    asked = answer.item.get("basis", "consent") == "consent"
    record = {
        "@id": f"urn:uuid:{number}",
        # A no to what rests on no consent is recorded too, and is no record of consent.
        "@type": "dpv:ConsentRecord" if asked else "dpv:DataProcessingRecord",
        "dct:conformsTo": f"{_SCHEMA}record-eu-gdpr",
        "dct:identifier": number,
        "dpv:hasDataSubject": {
            "@id": f"urn:uuid:{principal}",
            "@type": "dpv:DataSubject",
            "dct:identifier": principal,
        },
        "dpv:hasDataController": _controllers(sheet),
        "dpv:hasJurisdiction": {"@id": f"loc:{sheet.country}"},
        "dpv:hasNotice": _notice(sheet),
        "dpv:hasProcess": [_process(sheet, answer)],
        "dpv:hasRight": [{"@id": f"eu-gdpr:{each}"} for each in _RIGHTS],
    }
    if asked:
        record["dpv:hasConsentControl"] = [_control(sheet)]
        record["dpv:hasConsentStatus"] = [_status(sheet, answer, principal)]
    return record


def _controllers(sheet: Sheet) -> list[dict[str, Any]]:
    own, contact = sheet.receipt.organisation, sheet.contact
    party = {
        "@id": f"urn:uuid:{sheet.uuid('controller')}",
        "@type": ["dpv:DataController", "dpv:Organisation"],
        "dct:identifier": own.get("legal_id") or own.get("slug"),
        "dpv:hasName": own.get("legal_name") or own.get("name"),
        "dpv:hasAddress": ", ".join(sheet.address().values()),
        "dpv:hasContact": contact.get("email") or sheet.policy,
        "dct:source": {"@id": sheet.policy},
    }
    # Others that answer for the data with it, as the words named them.
    more = [
        {
            "@type": [_ROLES.get(each["role"], "dpv:DataController"), "dpv:Organisation"],
            "dct:identifier": each["slug"],
            "dpv:hasName": each["name"],
            "dpv:hasAddress": each["country"],
            "dpv:hasContact": sheet.text(each.get("privacy_url")) or sheet.policy,
        }
        for each in sheet.body.get("controllers", ())
        if each["name"] != own.get("legal_name")
    ]
    return [party, *more]


def _notice(sheet: Sheet) -> dict[str, Any]:
    notice = {"@id": sheet.notice, "@type": "dpv:ConsentNotice", "dct:language": sheet.language}
    version = sheet.receipt.version
    if version is not None:
        notice["dct:hasVersion"] = str(version.number)
        # Over all that was shown, in all its languages; the same stands in the proof.
        notice["dct:identifier"] = f"sha256:{version.content_hash}"
    return notice


def _process(sheet: Sheet, answer: Answer) -> dict[str, Any]:
    item = answer.item
    basis = _BASIS.get(item.get("basis", "consent"), "eu-gdpr:A6-1-a")
    consent: dict[str, Any] = {"@id": basis}
    if basis == "eu-gdpr:A6-1-a":
        explicit = bool(item.get("explicit"))
        kind = "dpv:ExplicitlyExpressedConsent" if explicit else "dpv:ExpressedConsent"
        consent = {"@id": f"{basis}-explicit-consent" if explicit else basis, "@type": kind}
    return {
        "@type": "dpv:Process",
        "dct:title": {"@value": sheet.text(answer.title) or answer.purpose,
                      "@language": sheet.language},
        "dpv:hasPurpose": [_purpose(sheet, answer)],
        "dpv:hasLegalBasis": [consent],
        "dpv:hasProcessing": [{"@id": "dpv:Collect"}, {"@id": "dpv:Use"}],
        "dpv:hasPersonalData": [{"@type": _DATA[means(answer)]}],
        "dpv:hasRecipient": _recipients(sheet, answer),
        "dpv:hasStorageCondition": _storage(sheet, answer),
    }  # fmt: skip


def _purpose(sheet: Sheet, answer: Answer) -> dict[str, Any]:
    item = answer.item
    term = item.get("dpv") or _PURPOSES.get(item.get("kind", "other"), "Purpose")
    purpose: dict[str, Any] = {"@type": f"dpv:{term}", "dct:identifier": answer.purpose}
    said = sheet.text(item.get("text"))
    if said:
        purpose["dct:description"] = {"@value": said, "@language": sheet.language}
    return purpose


def _recipients(sheet: Sheet, answer: Answer) -> list[dict[str, Any]]:
    found = [
        {
            "@type": _ROLES.get(each["role"], "dpv:ThirdParty"),
            "dct:identifier": each["slug"],
            "dpv:hasName": each["name"],
            "dpv:hasLocation": {"@id": f"loc:{each['country']}"},
        }
        for each in sheet.receivers(answer)
    ]
    # Said, and not left out: nobody but the controller.
    nobody = {"@type": "dpv:Recipient", "dct:description": "none outside the controller"}
    return found or [nobody]


def _storage(sheet: Sheet, answer: Answer) -> list[dict[str, Any]]:
    item = answer.item
    kept = (item.get("retention") or {}).get("period") or item.get("proof_period")
    places = {sheet.country, *(str(each["country"]) for each in sheet.receivers(answer))}
    return [
        {
            "@type": "dpv:StorageLocation",
            "dpv:hasLocation": [{"@id": f"loc:{place}"} for place in sorted(places)],
        },
        {
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": kept or item.get("validity") or _UNTIL_CHANGED,
        },
    ]


def _control(sheet: Sheet) -> dict[str, Any]:
    return {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": sheet.change_at}


def _status(sheet: Sheet, answer: Answer, principal: str) -> dict[str, Any]:
    receipt = sheet.receipt
    how = ", ".join(filter(None, (receipt.door, receipt.surface, receipt.action)))
    return {
        "@type": STATUS.get(answer.standing, "dpv:ConsentUnknown"),
        "dpv:isIndicatedBy": {"@id": f"urn:uuid:{principal}"},
        "dpv:hasIndicationMethod": how,
        "dpv:isIndicatedAtTime": rfc3339_micros(receipt.decided_at),
        "dpv:hasDuration": answer.item.get("validity") or _UNTIL_CHANGED,
    }
