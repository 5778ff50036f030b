"""The receipt as Kantara's Consent Receipt (1.1.0) has it.

That form knows no refusal: it lists what was agreed to, and nothing when nothing was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .parts import means

if TYPE_CHECKING:
    from ..receipt import Answer
    from .parts import Sheet

VERSION: Final = "KI-CR-v1.1.0"
_MICROS: Final = 1_000_000
# The specification's own numbered lists.
_CATEGORIES: Final = {
    "newsletter": "6 - Marketing",
    "prospecting": "6 - Marketing",
    "tracker": "5 - Personalize Experience",
    "other": "1 - Core Function",
}
_DATA: Final = {
    "email": "2 - Contact",
    "phone": "2 - Contact",
    "post": "2 - Contact",
    "device": "5 - Network/Service",
    "person": "1 - Biographical",
}


def kantara_receipt(sheet: Sheet) -> dict[str, Any]:
    """Write the receipt with all that the form requires, and no name of the person."""
    receipt, own = sheet.receipt, sheet.receipt.organisation
    agreed = [each for each in receipt.answers if each.standing == "granted"]
    return {
        "version": VERSION,
        "jurisdiction": sheet.country,
        "consentTimestamp": receipt.decided_at // _MICROS,
        "collectionMethod": ", ".join(
            filter(None, (receipt.door, receipt.surface, receipt.action))
        ),
        "consentReceiptID": sheet.uuid("receipt"),
        "language": sheet.language,
        "piiPrincipalId": sheet.uuid("person"),
        "piiControllers": [_controller(sheet)],
        "policyUrl": sheet.policy,
        "services": [
            {
                "service": own.get("name") or "",
                "purposes": [_purpose(sheet, each) for each in agreed],
            }
        ]
        if agreed
        else [],
        "sensitive": any(each.item.get("explicit") for each in agreed),
        "spiCat": [],
    }


def _controller(sheet: Sheet) -> dict[str, Any]:
    own, contact, address = sheet.receipt.organisation, sheet.contact, sheet.address()
    names = (
        ("streetAddress", "street"),
        ("postalCode", "postcode"),
        ("addressLocality", "city"),
        ("addressCountry", "country"),
    )
    return {
        "piiController": own.get("legal_name") or own.get("name") or "",
        "contact": contact.get("name") or own.get("name") or "",
        "address": {theirs: address[ours] for theirs, ours in names if ours in address},
        "email": contact.get("email") or "",
        "phone": contact.get("phone") or "",
        "piiControllerUrl": sheet.policy,
    }


def _purpose(sheet: Sheet, answer: Answer) -> dict[str, Any]:
    item = answer.item
    others = [each["name"] for each in sheet.receivers(answer) if each["role"] != "processor"]
    purpose = {
        "purpose": sheet.text(answer.title) or answer.purpose,
        "purposeCategory": [_CATEGORIES.get(item.get("kind", "other"), "1 - Core Function")],
        "consentType": "EXPLICIT",
        "piiCategory": [_DATA[means(answer)]],
        "primaryPurpose": False,
        "termination": item.get("validity") or sheet.change_at,
        "thirdPartyDisclosure": bool(others),
    }
    if others:
        purpose["thirdPartyName"] = ", ".join(dict.fromkeys(others))
    return purpose
