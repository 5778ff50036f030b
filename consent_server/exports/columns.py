"""The columns of each export, in their order."""

from __future__ import annotations

from typing import Final

IDENTIFIERS: Final = ("email", "phone", "external_id", "visitor")
DECISIONS: Final = (
    "decision",
    "subject",
    *IDENTIFIERS,
    "purpose",
    "answer",
    "standing",
    "decided_at",
    "recorded_at",
    "door",
    "assertion",
    "notice_version",
    "language",
    "surface",
    "site",
    "source",
    "actor",
    "on_behalf_of",
    "evidence",
    "previous",
)
SUBJECTS: Final = (
    "subject",
    *IDENTIFIERS,
    "fact",
    "value",
    "since",
    "until",
    "informed_at",
    "source",
    "actor",
    "on_behalf_of",
    "recorded_at",
    "closed_at",
)
EVENTS: Final = (
    "seq",
    "id",
    "type",
    "recorded_at",
    "subject",
    "external_ids",
    "purpose",
    "channel",
    "standing",
    "because",
    "decision",
)
COLUMNS: Final = {"decisions": DECISIONS, "subjects": SUBJECTS, "events": EVENTS}
