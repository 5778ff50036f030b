"""Suppressions asked for, and listed: scopes read, purposes named, never an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros
from ..db import Sql, as_json
from ..ids import parse, public
from ..problems import FieldError, NotFound, Unprocessable
from .read import identify_all, region_of
from .resolve import find
from .rules import CHANNEL, CHANNELS, MARKETING, PURPOSE
from .suppress import Suppressor, scope_said, target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..db import Transaction
    from ..notices.values import Configuration
    from .identifiers import Identified, Kind

PREFIX: Final = "sup"
# A visitor id is a browser's: its trackers are refused in the banner.
SUPPRESSED: Final[tuple[Kind, ...]] = ("email", "phone", "external_id")
DEFAULT_REASON: Final = "asked"
_PAGE: Final = Sql(
    "SELECT id, kind, scope, reason, recorded_at, closed_at, lifted FROM suppression"
    " WHERE organisation_id = :organisation AND (recorded_at, id) > (:moment, :after)"
    " ORDER BY recorded_at, id LIMIT :most"
)
_PLACE: Final = Sql(
    "SELECT recorded_at, id FROM suppression WHERE organisation_id = :organisation AND id = :id"
)


class NotAScope(ValueError):
    """The text names no scope; the message says what would be right."""


@dataclass(frozen=True)
class Asked:
    """One suppression asked for, read and ready to be added."""

    identifiers: tuple[Identified, ...]
    scope: str
    reason: str


def read_scope(text: str, configuration: Configuration) -> str:
    """Read `marketing`, `channel:<name>` or `purpose:<slug or id>`; raises `NotAScope`."""
    if text == MARKETING:
        return MARKETING
    if text.startswith(CHANNEL):
        if text.removeprefix(CHANNEL) not in CHANNELS:
            raise NotAScope(f"a channel is one of: {', '.join(CHANNELS)}")
        return text
    if not text.startswith(PURPOSE):
        raise NotAScope("write marketing, channel:<name> or purpose:<slug>")
    purpose = configuration.purpose(text.removeprefix(PURPOSE))
    if purpose is None:
        raise NotAScope("this organisation has no such purpose")
    if purpose.exempt or purpose.basis == "legal_obligation" or purpose.kind == "tracker":
        raise NotAScope("this purpose cannot be stopped for an address")
    return f"{PURPOSE}{purpose.id}"


def read_asked(
    body: Mapping[str, Any], configuration: Configuration, *, pointer: str = ""
) -> Asked:
    """Read one loaded suppression; refuses naming the field."""
    subject = body["subject"]
    given = identify_all(
        [
            (f"{pointer}/subject/{kind}", kind, subject[kind], False)
            for kind in SUPPRESSED
            if kind in subject
        ],
        region=region_of(configuration),
    )
    try:
        scope = read_scope(body["scope"], configuration)
    except NotAScope as error:
        field = FieldError(f"{pointer}/scope", str(error))
        raise Unprocessable(str(error), errors=[field]) from error
    return Asked(tuple(given), scope, body.get("reason", DEFAULT_REASON))


def add_asked(suppressor: Suppressor, asked: Asked) -> list[dict[str, Any]]:
    """Add what was asked, one for each identifier; what stands already is given again."""
    return [_add(suppressor, each, asked) for each in asked.identifiers]


def _add(suppressor: Suppressor, given: Identified, asked: Asked) -> dict[str, Any]:
    keys = suppressor.keys
    held = find(suppressor.tx, keys, given, keys.organisation)
    # One that several share is nobody's in particular.
    subject = held[0].subject if len(held) == 1 else None
    whom = target(keys, given, subject=subject)
    added = suppressor.add(whom, scope=asked.scope, reason=asked.reason)
    number = added or suppressor.standing(whom, asked.scope, asked.reason) or 0
    return {
        "id": public(PREFIX, number),
        "kind": given.kind,
        "scope": scope_said(asked.scope, suppressor.configuration),
        "added": added is not None,
    }


def page(
    tx: Transaction, configuration: Configuration, *, after: str | None, most: int
) -> list[dict[str, Any]]:
    """List suppressions, oldest first, after one of them; raises `NotFound` for another's."""
    values = {"organisation": configuration.organisation}
    moment = number = 0
    if after is not None:
        found = tx.run(_PLACE, {**values, "id": parse(PREFIX, after) or 0})
        if not found:
            raise NotFound
        moment, number = found[0]
    rows = tx.run(_PAGE, {**values, "moment": moment, "after": number, "most": most})
    return [_said(row, configuration) for row in rows]


def _said(row: Sequence[Any], configuration: Configuration) -> dict[str, Any]:
    number, kind, scope, reason, recorded_at, closed_at, lifted = row
    opened = {
        scope_said(f"{PURPOSE}{purpose}", configuration): rfc3339_micros(since)
        for purpose, since in as_json(lifted).items()
    }
    return {
        "id": public(PREFIX, number),
        "kind": kind,
        "scope": scope_said(scope, configuration),
        "reason": reason,
        "recorded_at": rfc3339_micros(recorded_at),
        "closed_at": rfc3339_micros(closed_at) if closed_at else None,
        "lifted": [
            {"purpose": name.removeprefix(PURPOSE), "since": since}
            for name, since in sorted(opened.items())
        ],
    }
