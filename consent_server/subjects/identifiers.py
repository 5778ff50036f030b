"""Identifiers: how each kind is read, matched and hashed (standards.md §8). Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

Kind = Literal["email", "phone", "external_id", "visitor"]
KINDS: Final[tuple[Kind, ...]] = ("email", "phone", "external_id", "visitor")
# Of what kind the keyed hash of a bare SHA-256 is, whatever it is the SHA-256 of.
CROSSED: Final = "sha256"

_VISITOR: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
# French overseas numbers are written like metropolitan ones but belong to plans of
# their own: 0692 is not valid in France, and is in Réunion (standards.md ID-7).
_OVERSEAS: Final = {"FR": ("RE", "GP", "MQ", "GF", "YT")}
_REFUSED_NUMBERS: Final = frozenset(
    {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}
)
# What almost every address looks like: read without the library, to the same result.
_COMMON: Final = re.compile(
    r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+([a-z]{2,63})",
    re.ASCII,
)
COMMON_LENGTH: Final = 64
# The same within a longer text that was written small (ASCII letters alone): an address that
# matches is matched by `identify` as it stands, unless it is longer than this.
COMMON_SMALL: Final = (
    r"[a-z0-9]++(?:[._+-][a-z0-9]++)*+@(?:[a-z0-9]++(?:-[a-z0-9]++)*+\.)++"
    rf"(?!(?:{'|'.join(SPECIAL_USE_DOMAIN_NAMES)})(?![a-z]))[a-z]{{2,63}}+"
).encode()
_GMAIL: Final = ("@gmail.com", "@googlemail.com")


class NotAnIdentifier(ValueError):
    """The text is not an identifier of this kind; the message says what would be right."""


@dataclass(frozen=True)
class Identified:
    """One identifier, ready to be matched: `display` is what one would write to."""

    kind: Kind
    match: str
    display: str
    shared: bool = False

    @property
    def crossed(self) -> tuple[str, ...]:
        """The plain SHA-256 forms under which other tools may name it (ID-11)."""
        return crossed_forms(self.kind, self.match, self.display)


def identify(kind: Kind, text: str, *, region: str, shared: bool = False) -> Identified:
    """Read one identifier; raises `NotAnIdentifier` saying what would be right."""
    if not text or len(text) > 320 or not text.isprintable():
        raise NotAnIdentifier("it is empty, too long, or holds characters no one can see")
    if kind == "email":
        match, display = _email(text)
    elif kind == "phone":
        match = display = _phone(text, region)
    elif kind == "visitor":
        match = display = _visitor(text)
    else:
        match = display = _external(text)
    return Identified(kind, match, display, shared)


def territory_of(text: str, *, region: str) -> str | None:
    """Tell to which territory a phone number belongs: its time zone is the person's (ID-7)."""
    number = phonenumbers.parse(_phone(text, region), None)
    found: str | None = phonenumbers.region_code_for_number(number)
    return found


def guess_kind(text: str) -> Kind:
    """Guess what an identifier on the command line is."""
    if "@" in text:
        return "email"
    plain = text.strip().lstrip("+").translate({ord(letter): None for letter in " .-()"})
    return "phone" if plain.isdecimal() else "external_id"


def read_sha256(text: str) -> str:
    """Read a hex SHA-256 as other tools write it."""
    if not _SHA256.fullmatch(text):
        raise NotAnIdentifier("write the SHA-256 as 64 hexadecimal digits")
    return text.lower()


def common_email(text: str) -> str | None:
    """Read an e-mail address as `identify` would, if it is as plain as most; give its match."""
    common = _COMMON.fullmatch(text)
    # No part of one so short can be too long.
    if common and len(text) <= COMMON_LENGTH and common[1] not in SPECIAL_USE_DOMAIN_NAMES:
        return text.lower()
    return None


def _email(text: str) -> tuple[str, str]:
    common = common_email(text)
    return _any_email(text) if common is None else (common, text)


@lru_cache(maxsize=4096)
def _any_email(text: str) -> tuple[str, str]:
    try:
        found = validate_email(text.strip(), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise NotAnIdentifier("write an e-mail address like name@example.org") from error
    # Folded for matching only: RFC 5321 lets the local part tell cases apart, but no
    # mailbox in use does, and a withdrawal must not be missed for a capital (ID-2).
    local = unicodedata.normalize("NFC", found.local_part).casefold()
    return f"{local}@{found.ascii_domain.lower()}", found.normalized


def _phone(text: str, region: str) -> str:
    if "@" in text:
        raise NotAnIdentifier("this is not a phone number; write it like +33 1 99 00 12 34")
    number = _parse(text, region)
    if number is None or not phonenumbers.is_valid_number(number):
        number = _overseas(text, region)
    if number.extension or phonenumbers.number_type(number) in _REFUSED_NUMBERS:
        raise NotAnIdentifier("a number with an extension or a special rate cannot be kept")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parse(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None


def _overseas(text: str, region: str) -> phonenumbers.PhoneNumber:
    found = [_parse(text, other) for other in _OVERSEAS.get(region, ())]
    # Several territories share one calling code (+262): the same number, once.
    valid = {
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164): number
        for number in found
        if number is not None and phonenumbers.is_valid_number(number)
    }
    if len(valid) != 1:
        raise NotAnIdentifier("write the phone number with its country: +33 1 99 00 12 34")
    return next(iter(valid.values()))


def _visitor(text: str) -> str:
    if not _VISITOR.fullmatch(text):
        raise NotAnIdentifier("a visitor id is 22 to 64 letters, digits, - or _")
    return text


def _external(text: str) -> str:
    match = unicodedata.normalize("NFC", text.strip())
    if not match or len(match) > 200:
        raise NotAnIdentifier("an external id has 1 to 200 characters")
    return match


def crossed_forms(kind: str, match: str, display: str) -> tuple[str, ...]:
    """Give the plain SHA-256 forms under which other tools may name an identifier (ID-11)."""
    if kind == "email":
        lower = display.lower()
        if match == lower and not match.endswith(_GMAIL):
            return (hashlib.sha256(match.encode()).hexdigest(),)
        # Who writes the domain in letters of its own hashes those, not its ASCII form.
        forms = {match, lower}
        if match.endswith(_GMAIL):
            # Google's enhanced conversions also remove the dots.
            local, _, domain = match.partition("@")
            forms.add(f"{local.replace('.', '')}@{domain}")
    elif kind == "phone":
        # Google keeps the plus, Meta drops it.
        forms = {match, match.removeprefix("+")}
    else:
        return ()
    return tuple(sorted(hashlib.sha256(form.encode()).hexdigest() for form in forms))
