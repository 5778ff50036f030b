"""What a check comes to: does the proof hold, what did it prove, and where did it break."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from consent_server.verify.words import say, say_place


class Sort(StrEnum):
    """What a finding is: shown by the file, only told by it, left open, or fatal."""

    PROVED = "proved"
    TOLD = "told"
    NOT_PROVED = "not_proved"
    REFUSED = "refused"


@dataclass(frozen=True)
class Place:
    """Where in the file: a field, and in it a line, a byte or an item, counted from 1."""

    field: str = ""
    line: int | None = None
    byte: int | None = None

    def say(self, language: str) -> str:
        """Name the place in this language."""
        return say_place(language, self.field, self.line, self.byte)


class BadAuthorityError(ValueError):
    """Not a file of certificates, or none that can be read here."""


class Refused(Exception):
    """The file does not prove what it claims: why, and where."""

    def __init__(self, code: str, place: Place, **details: object) -> None:
        super().__init__(f"{code} at {place.say('en')}")
        self.code = code
        self.place = place
        self.details = details


@dataclass(frozen=True)
class Finding:
    """One thing to say about the file."""

    sort: Sort
    code: str
    details: Mapping[str, object] = field(default_factory=dict)
    place: Place | None = None

    def say(self, language: str = "en") -> str:
        """Say it in plain words."""
        words = say(language, self.code, self.details)
        if self.place is None:
            return words
        return say(language, "placed", {"place": self.place.say(language), "words": words})


@dataclass(frozen=True)
class Verdict:
    """Whether the proof holds, with everything found; `record` is set once it is proved."""

    holds: bool
    findings: Sequence[Finding]
    record: Mapping[str, object] | None = None

    @property
    def refusal(self) -> Finding | None:
        """The finding that broke the proof, if one did."""
        return next((each for each in self.findings if each.sort is Sort.REFUSED), None)

    def of(self, sort: Sort) -> list[Finding]:
        """Pick the findings of one sort."""
        return [each for each in self.findings if each.sort is sort]

    def as_value(self, language: str = "en") -> dict[str, object]:
        """Give the verdict as a JSON value."""
        refusal = self.refusal
        value: dict[str, object] = {"holds": self.holds, "record": self.record}
        value["refused"] = refusal and {
            "code": refusal.code,
            "where": refusal.place and refusal.place.say(language),
            "text": say(language, refusal.code, refusal.details),
        }
        for sort in (Sort.PROVED, Sort.TOLD, Sort.NOT_PROVED):
            value[sort.value] = [
                {"code": each.code, "text": each.say(language)} for each in self.of(sort)
            ]
        return value
