"""Whose record it is, as far as the file and the asker can show it."""

import hmac
import re
import unicodedata
from collections.abc import Mapping

from consent_server.verify.bundle import Opening
from consent_server.verify.verdict import Finding, Place, Refused, Sort

_PLACE = Place("opening")


def whose(
    record: Mapping[str, object], opening: Opening | None, identifier: str | None
) -> Finding | None:
    """Say whom the record concerns; raises Refused when what was asked is not shown.

    Nothing comes back for a record about nobody when nobody was asked for.
    """
    tag = record.get("person")
    if opening is None:
        return _unopened(tag, identifier)
    if not isinstance(tag, str):
        raise Refused("opens_nobody", _PLACE)
    _check_opening(record.get("person_key"), opening, identifier)
    if identifier is None:
        return Finding(Sort.TOLD, "opened_unasked", {"kind": opening.kind})
    forms = spellings(opening.kind, identifier)
    if tag not in {_tag(opening, f"{opening.kind}|{form}") for form in forms}:
        raise Refused("another_person", _PLACE, kind=opening.kind)
    details = {"identifier": identifier, "kind": opening.kind}
    return Finding(Sort.PROVED, "about", details)


def _unopened(tag: object, identifier: str | None) -> Finding | None:
    if identifier is not None:
        raise Refused("no_opening", _PLACE)
    return None if tag is None else Finding(Sort.TOLD, "not_named")


def _check_opening(fixed: object, opening: Opening, identifier: str | None) -> None:
    """Hold the opening against the record's `person_key`, which fixes it for all."""
    if fixed is None:
        # Only the identifier can then tell a true opening from an altered one.
        if identifier is None:
            raise Refused("opening_unchecked", _PLACE)
        return
    if fixed != _tag(opening, f"opening|{opening.kind}"):
        raise Refused("false_opening", _PLACE)


def _tag(opening: Opening, message: str) -> str:
    return hmac.digest(opening.key, message.encode(), "sha256").hex()


def spellings(kind: str, identifier: str) -> set[str]:
    """Give the normal forms an identifier of this kind may have been recorded under."""
    typed = identifier.strip()
    forms = {identifier, typed, unicodedata.normalize("NFC", typed)}
    if kind == "email" and "@" in typed:
        forms |= _addresses(typed)
    if kind == "phone":
        digits = re.sub(r"[\s().\-/]", "", typed)
        forms |= {digits, re.sub(r"^00", "+", digits)}
    return forms


def _addresses(typed: str) -> set[str]:
    local, _, domain = unicodedata.normalize("NFC", typed).rpartition("@")
    domains = {domain, domain.lower(), *_ascii_domain(domain.lower())}
    return {f"{who}@{where}" for who in (local, local.casefold()) for where in domains}


def _ascii_domain(domain: str) -> list[str]:
    try:
        return [domain.encode("idna").decode()]
    except UnicodeError:
        return []
