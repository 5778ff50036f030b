"""What is wrong in an organisation file, in words its author can act on."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentError:
    """One mistake: its line (none for JSON), its JSON pointer, and what would be right."""

    line: int | None
    path: str
    detail: str

    def __str__(self) -> str:
        place = f"line {self.line}, " if self.line else ""
        return f"{place}{self.path or '/'}: {self.detail}"


class DocumentInvalid(ValueError):
    """The file cannot be used; `errors` names every mistake found, in the file's order."""

    def __init__(self, errors: Iterable[DocumentError], *, name: str = "") -> None:
        self.name = name
        self.errors = sorted(errors, key=lambda error: error.line or 0)
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        count = len(self.errors)
        head = f"{self.name or 'The document'} has {count} mistake{'s' if count > 1 else ''}:"
        return [head, *(f"  {error}" for error in self.errors)]
