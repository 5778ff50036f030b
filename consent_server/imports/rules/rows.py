"""A line becomes a row: who, what is known of them, what they answered. Pure.

What cannot be taken as it stands is a `Fault` that names the column and says what would be
right; it never repeats what the cell holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...clock import NotATime
from .cells import (
    one_of,
    plain,
    read_answer,
    read_previous,
    read_purposes,
    read_version,
    read_year,
)
from .cookies import NotACookie, moment_in, read_cookie, visitor_in
from .dates import read_moment
from .signs import GRANTED, SCOPES, UNCONFIRMED, first_of, meaning
from .values import IDENTIFIERS, OURS, Fault, Manner, Row, places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

_RELATIONSHIPS: Final = frozenset(
    {
        "prospect",
        "customer",
        "customer_employee",
        "consultant",
        "partner",
        "supplier",
        "site_user",
    }
)
_CAPACITIES: Final = frozenset({"consumer", "professional"})
_ASSERTIONS: Final = frozenset({"asserted", "evidenced"})
_LONGEST: Final = {**dict.fromkeys(IDENTIFIERS, 320), "evidence": 2000, "cookie": 1 << 16}
# Service of a cookie that is no purpose of ours.
NOTHING: Final = "-"
_NECESSARY: Final = frozenset({"necessary", "functional-always", "essential"})


class RowReader:
    """Reads the records of one file."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.zone = manner.zone or (manner.preset.zone if manner.preset else None)
        self._names = [name.casefold() for name in manner.header]
        self.places = places(manner)
        self._get: Callable[[Any], Mapping[str, str]] = (
            self._by_preset if manner.preset else self._by_place
        )

    def read(self, line: int, cells: Sequence[str] | Mapping[str, str]) -> Row:
        """Read one line; raises `Fault`."""
        raw = self._named(cells) if isinstance(cells, dict) else self._get(cells)
        told = {**self.manner.defaults, **{name: text for name, text in raw.items() if text}}
        word = self._sign(cells, told)
        row = Row(
            line,
            [(kind, told[kind]) for kind in IDENTIFIERS if kind in told],
            told.get("source") or (self.manner.preset.source if self.manner.preset else ""),
            told.get("actor"),
        )
        self._whole(row, told)
        self._facts(row, told)
        if word is not None and word in SCOPES:
            row.suppress = (SCOPES[word], word)
            told["answer"] = "refused"
        if word == UNCONFIRMED:
            raise Fault("unconfirmed", "answer", "the person never confirmed: ask her again")
        self._decision(row, told)
        if not (row.choices or row.facts or row.suppress):
            raise Fault("nothing", "", "say an answer to a purpose, or a fact")
        return row

    # -- cells --------------------------------------------------------------------------

    def _by_place(self, cells: Sequence[str]) -> dict[str, str]:
        return {name: plain(cells[place]) for name, place in self.places}

    def _by_preset(self, cells: Sequence[str]) -> dict[str, str]:
        return self._named(dict(zip(self._names, cells, strict=False)))

    def _named(self, cells: Mapping[str, str]) -> dict[str, str]:
        lower = {name.casefold(): text for name, text in cells.items()}
        preset, mine = self.manner.preset, self.manner.columns
        found: dict[str, str] = {}
        for ours in OURS:
            theirs: tuple[str, ...] = (mine[ours].casefold(),) if ours in mine else ()
            if not theirs:
                theirs = preset.columns.get(ours, ()) if preset else (ours,)
            text = plain(first_of(lower, theirs))
            if text:
                found[ours] = text
        return found

    def _sign(self, cells: Any, told: dict[str, str]) -> str | None:
        preset = self.manner.preset
        if preset is None or not preset.signs:
            return None
        lower = (
            {name.casefold(): text for name, text in cells.items()}
            if isinstance(cells, dict)
            else dict(zip(self._names, cells, strict=False))
        )
        meant = meaning(preset, lower)
        if meant.word is None:
            return None
        told["answer"] = "granted" if meant.word == GRANTED else "refused"
        if meant.at:
            told["decided_at"] = meant.at
        elif meant.word != GRANTED:
            # When she joined is not when she left.
            told.pop("decided_at", None)
        return meant.word

    # -- what they say ------------------------------------------------------------------

    def _whole(self, row: Row, told: Mapping[str, str]) -> None:
        for name, text in told.items():
            if len(text) > _LONGEST.get(name, 200):
                raise Fault("too_long", name, "it is too long")
        if not row.source:
            raise Fault("no_source", "source", "say where this comes from: a source")
        row.on_behalf_of = told.get("on_behalf_of")
        if "informed_at" in told:
            row.informed_at = self._moment("informed_at", told["informed_at"])

    def _facts(self, row: Row, told: Mapping[str, str]) -> None:
        if "relationship" in told:
            row.facts["relationships"] = [self._relationship(told)]
        if "capacity" in told:
            row.facts["capacity"] = one_of("capacity", told, _CAPACITIES)
        if "country" in told:
            country = told["country"].upper()
            if len(country) != 2 or not (country.isascii() and country.isalpha()):
                raise Fault("unknown_fact", "country", "write two letters: FR")
            row.facts["country"] = country
        if "birth_year" in told:
            row.facts["birth_year"] = read_year(told["birth_year"])

    def _relationship(self, told: Mapping[str, str]) -> dict[str, Any]:
        one: dict[str, Any] = {"kind": one_of("relationship", told, _RELATIONSHIPS)}
        for name in ("since", "until"):
            if name in told:
                one[name] = self._moment(name, told[name])
        if "since" in one and "until" in one and one["until"] < one["since"]:
            raise Fault("unknown_fact", "until", "it ends before it begins")
        return one

    def _decision(self, row: Row, told: Mapping[str, str]) -> None:
        if self.manner.preset and self.manner.preset.cookie:
            told = self._cookie(row, told, self.manner.preset.cookie)
        elif "answer" in told and "purpose" in told:
            row.choices = dict.fromkeys(
                read_purposes(told["purpose"]), read_answer(told["answer"])
            )
        elif "answer" in told and not row.suppress:
            raise Fault("no_purpose", "purpose", "say which purpose was answered")
        if "decided_at" in told:
            row.decided_at = self._moment("decided_at", told["decided_at"])
        if row.yes and row.decided_at is None:
            raise Fault("no_date", "decided_at", "say when the yes was given")
        if row.choices:
            self._grounds(row, told)

    def _grounds(self, row: Row, told: Mapping[str, str]) -> None:
        row.previous = read_previous(told.get("previous"))
        row.evidence = told.get("evidence")
        row.version = read_version(told.get("notice_version"))
        row.assertion = "evidenced" if row.evidence else "asserted"
        if "assertion" in told:
            row.assertion = one_of("assertion", told, _ASSERTIONS)
        if row.assertion == "evidenced" and not row.evidence:
            raise Fault("needs_evidence", "evidence", "name the evidence")

    def _cookie(self, row: Row, told: Mapping[str, str], banner: str) -> dict[str, str]:
        text = told.get("cookie", "")
        try:
            answers = read_cookie(banner, text)
            found = {"visitor": visitor_in(banner, text), "decided_at": moment_in(banner, text)}
        except NotACookie as error:
            raise Fault("unreadable", "cookie", str(error)) from None
        row.choices = self._answers(answers, banner)
        merged = {**{name: value for name, value in found.items() if value}, **told}
        if not row.identifiers and merged.get("visitor"):
            row.identifiers = [("visitor", merged["visitor"])]
        return merged

    def _answers(self, answers: Mapping[str, bool], banner: str) -> dict[str, bool]:
        known = self.manner.purposes
        if banner == "cookieconsent":
            # It lists what was accepted: what we know of and is not there was refused.
            answers = {**dict.fromkeys(known, False), **answers}
        choices: dict[str, bool] = {}
        for service, yes in answers.items():
            purpose = known.get(service, service)
            if purpose == NOTHING or (service in _NECESSARY and service not in known):
                continue
            # A use that several services serve is granted when all of them are.
            choices[purpose] = choices.get(purpose, True) and yes
        return choices

    def _moment(self, column: str, text: str) -> datetime:
        try:
            return read_moment(text, self.zone)
        except NotATime as error:
            raise Fault("not_a_time", column, str(error)) from None
