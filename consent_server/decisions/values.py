"""What goes into a decision, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..ids import public

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..notices.values import Purpose, VersionShown
    from ..subjects import Told


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """A decision as a door hands it in: checked for shape, not yet for the facts."""

    door: str
    action: str
    # What was answered, by purpose: True is yes.
    choices: Mapping[Purpose, bool]
    told: Told
    decided_at: datetime
    # How the yes is known, one of decisions.rules.STRENGTH.
    assertion: str
    # Said by somebody nobody knows, for the person to confirm: it changes no standing but
    # `never_asked`, which becomes `unconfirmed`.
    claim: bool = False
    # What is a no already is only said again, and keeps its name.
    repeats: bool = False
    evidence: str | None = None
    version: VersionShown | None = None
    language: str | None = None
    surface: str | None = None
    # A `dec_` id or the browser's own id of the decision this one follows.
    previous: str | None = None
    site: int | None = None
    client_id: str | None = None
    fingerprint: bytes | None = None
    key_id: str | None = None
    # Moments beyond which a yes does not last, by purpose, where its own time would.
    ends: Mapping[int, int] = field(default_factory=dict)
    # Further members of the record: what the page showed, which signals it sent.
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A decision as it was recorded."""

    id: int
    subject: int
    receipt: str
    recorded_at: int
    # Purpose slug -> the standing it made.
    standing: Mapping[str, str]
    ask_again: tuple[str, ...] = ()
    replayed: bool = False

    def as_json(self, recorded_at: str, token: str) -> dict[str, Any]:
        """Write it as the answer to its door (design.md §7, "decision written")."""
        answer: dict[str, Any] = {
            "id": public("dec", self.id),
            "subject": public("sub", self.subject),
            "receipt": self.receipt,
            "recorded_at": recorded_at,
            "token": token,
            "standing": dict(self.standing),
        }
        if self.ask_again:
            answer["ask_again"] = list(self.ask_again)
        return answer
