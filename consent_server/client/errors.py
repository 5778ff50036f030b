"""What goes wrong with a write; no message ever holds the key or what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ConsentError(Exception):
    """Any failure of a call."""


class Unavailable(ConsentError):
    """No answer came in time; whether it was written is open: call again, nothing doubles."""


class Refused(ConsentError):
    """The server refused: `code` is what to branch on, `errors` name the wrong fields."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.errors: Sequence[Mapping[str, Any]] = problem.get("errors") or ()
        self.standing: Mapping[str, str] = problem.get("standing") or {}
        super().__init__(f"{status} {self.code}: {self.detail or self.title}")
