"""Choices checked against the words they answer: every fault names its field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import FieldError, Unprocessable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..notices.values import Configuration, Purpose, VersionShown

_ALL_NO = frozenset({"refuse_all", "withdraw_all", "gpc"})
# Slug and id name the same purpose: of two answers, the last would swallow a no.
_TWICE = "this purpose is answered twice"


def choices_of_banner(
    choices: Mapping[str, str], action: str, version: VersionShown, configuration: Configuration
) -> dict[Purpose, bool]:
    """Read a visitor's choices: every purpose that can be refused, as the action says."""
    faults: list[FieldError] = []
    read: dict[Purpose, bool] = {}
    for name, answer in choices.items():
        purpose = configuration.purpose(name)
        fault = _not_in_banner(purpose, version)
        if fault or purpose is None:
            faults.append(FieldError(_pointer(name), fault))
        elif purpose in read:
            faults.append(FieldError(_pointer(name), _TWICE))
        else:
            read[purpose] = answer == "granted"
    faults += [
        FieldError("/choices", f"the purpose {missing.slug} is not answered")
        for missing in askable(version, configuration)
        if missing not in read
    ]
    faults += _against_action(read, action)
    if faults:
        raise Unprocessable("the choices do not fit the notice", errors=faults)
    return read


def askable(version: VersionShown, configuration: Configuration) -> list[Purpose]:
    """List the purposes of a version that can be accepted or refused."""
    known = (configuration.purposes.get(number) for number in version.purposes)
    return [purpose for purpose in known if purpose is not None and not purpose.exempt]


def _not_in_banner(purpose: Purpose | None, version: VersionShown) -> str:
    if purpose is None or purpose.id not in version.purposes:
        return "this purpose is not in the notice version"
    if purpose.exempt:
        return "this purpose needs no consent: there is nothing to answer"
    return "" if purpose.kind == "tracker" else "only tracker purposes are answered here"


def _against_action(read: Mapping[Purpose, bool], action: str) -> list[FieldError]:
    if action == "accept_all" and not all(read.values()):
        return [FieldError("/action", "accept_all grants every purpose")]
    if action in _ALL_NO and any(read.values()):
        return [FieldError("/action", f"{action} refuses every purpose")]
    return []


def choices_of_system(
    choices: Mapping[str, str], version: VersionShown | None, configuration: Configuration
) -> dict[Purpose, bool]:
    """Read a system's choices; a yes by consent needs the words it answers."""
    faults: list[FieldError] = []
    read: dict[Purpose, bool] = {}
    for name, answer in choices.items():
        purpose = configuration.purpose(name)
        yes = answer == "granted"
        fault = not_answerable(purpose, version, yes=yes)
        if fault or purpose is None:
            faults.append(FieldError(_pointer(name), fault))
        elif purpose in read:
            faults.append(FieldError(_pointer(name), _TWICE))
        elif yes and version is None and purpose.basis == "consent":
            faults.append(
                FieldError("/notice_version", "a yes by consent names the words it answers")
            )
        else:
            read[purpose] = yes
    if faults:
        raise Unprocessable(
            "the choices cannot be recorded", errors=list(dict.fromkeys(faults))
        )
    return read


def not_answerable(purpose: Purpose | None, version: VersionShown | None, *, yes: bool) -> str:
    """Say why this purpose cannot be answered under this version; empty if it can."""
    if purpose is None:
        return "this organisation has no such purpose"
    if purpose.exempt or purpose.basis == "legal_obligation":
        return "this purpose needs no consent: there is nothing to answer"
    if yes and version is not None and purpose.id not in version.purposes:
        return "this purpose is not in the notice version"
    return ""


def _pointer(name: str) -> str:
    # A name that is no slug may be anything, an address too: it is not repeated.
    plain = all(letter.isascii() and (letter.isalnum() or letter in "._-") for letter in name)
    return f"/choices/{name}" if plain else "/choices"
