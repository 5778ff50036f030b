"""The reason of an erasure outlives the person: it must not bring her back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import Unprocessable

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_reason(reason: str, identifiers: Iterable[str]) -> None:
    """Refuse a reason with an address in it, or with an identifier that was given."""
    lower = reason.lower()
    if "@" in lower or any(each.strip().lower() in lower for each in identifiers):
        raise Unprocessable.at("/reason", "say why without naming the person: it is kept")
