"""Whose centre a token opens: the one holder of its identifier, and its name with a veil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...db import Sql
from ...keyring import CannotOpen
from ...subjects import Held, NotAnIdentifier, identify

if TYPE_CHECKING:
    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from .tokens import Bearer

_HOLDERS: Final = Sql(
    """
    SELECT i.id, i.subject_id, s.person_id, i.shared, i.sealed FROM identifier i
    JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE i.organisation_id = :organisation AND i.hash = :hash AND i.kind = :kind
      AND i.closed_at IS NULL
    """
)
_VEIL: Final = "***"
_LAST_DIGITS: Final = 2


def holder(tx: Transaction, keys: OrganisationKeys, bearer: Bearer) -> Held | None:
    """Find whom a token is for; None for somebody unknown, or several who share it."""
    place = {"organisation": keys.organisation, "kind": bearer.kind}
    rows = [row for each in bearer.hashes for row in tx.run(_HOLDERS, {**place, "hash": each})]
    if len(rows) != 1:
        return None
    number, subject, person, shared, sealed = rows[0]
    try:
        display = keys.unseal(bytes(sealed), "identifier", number).decode()
        given = identify(bearer.kind, display, region="", shared=bool(shared))  # type: ignore[arg-type] # as stored
    except (CannotOpen, NotAnIdentifier):
        return None
    return Held(number, subject, person, bool(shared), given)


def masked(kind: str, display: str) -> str:
    """Write an identifier so that its holder knows it and nobody else learns it."""
    if kind == "email":
        local, _, domain = display.rpartition("@")
        name, _, ending = domain.rpartition(".")
        return f"{local[:1]}{_VEIL}@{name[:1]}{_VEIL}.{ending}"
    if kind == "phone":
        return f"{display[:3]} {_VEIL} {display[-_LAST_DIGITS:]}"
    return f"{display[:1]}{_VEIL}"
