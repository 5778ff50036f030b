"""The log's entry: in its one form, and in the minute of its record."""

import re
from datetime import datetime

from consent_server.verify.verdict import Place, Refused

_ENTRY = re.compile(
    rb'\{"commitment":"([0-9a-f]{64})",'
    rb'"minute":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z)","v":1\}'
)
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}):[0-9.]{2,12}Z")


def read_entry(entry: bytes) -> tuple[str, str]:
    """Give an entry's commitment and its minute; raises Refused for what is no entry."""
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise Refused("not_an_entry", Place("entry"))
    return found[1].decode(), found[2].decode()


def require_minute(recorded_at: str, minute: str) -> None:
    """See that a record was made in the minute that its entry names."""
    found = _MOMENT.fullmatch(recorded_at)
    try:
        datetime.fromisoformat(recorded_at)
    except ValueError:
        found = None
    if found is None or f"{found[1]}Z" != minute:
        place = Place("record.recorded_at")
        raise Refused("another_minute", place, recorded_at=recorded_at, minute=minute)
