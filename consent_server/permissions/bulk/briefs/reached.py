"""Reached: how far an organisation's briefs follow its log, and on which ground."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from ....db import Sql
from ....ledger import read_head
from ....organisations import log_of

if TYPE_CHECKING:
    from ....db import Transaction
    from ....keyring import OrganisationKeys
    from ...values import Setting

_READ: Final = Sql(
    "SELECT origin, place, ground, built FROM brief_reached"
    " WHERE organisation_id = :organisation"
)
_WRITE: Final = Sql(
    """
    INSERT INTO brief_reached (organisation_id, origin, place, ground, built)
    VALUES (:organisation, :origin, :place, :ground, :built)
    ON CONFLICT (organisation_id) DO UPDATE SET origin = excluded.origin,
        place = excluded.place, ground = excluded.ground, built = excluded.built
    """
)
_WANT: Final = Sql(
    """
    INSERT INTO brief_reached (organisation_id, origin, place, ground, built)
    VALUES (:organisation, '', 0, '', :built) ON CONFLICT (organisation_id) DO NOTHING
    """
)
BEGINNING: Final = b""
# Another one whenever briefs are written otherwise: all of them are made anew.
_LAYOUT: Final = 2


class Reached(NamedTuple):
    """How far the briefs have come; `built` is None once they are."""

    origin: str
    place: int
    ground: str
    built: bytes | None


class Log(NamedTuple):
    """An organisation's log as it stands."""

    name: str
    origin: str
    size: int


def read_reached(tx: Transaction, organisation: int) -> Reached | None:
    """Tell how far the briefs have come; None if the organisation has none."""
    for origin, place, ground, built in tx.run(_READ, {"organisation": organisation}):
        return Reached(origin, place, ground, None if built is None else bytes(built))
    return None


def write_reached(tx: Transaction, organisation: int, reached: Reached) -> None:
    """Write down how far the briefs have come."""
    tx.run(_WRITE, {"organisation": organisation, **reached._asdict()})


def want(tx: Transaction, organisation: int) -> None:
    """Let the worker make briefs for an organisation from now on."""
    tx.run(_WANT, {"organisation": organisation, "built": BEGINNING})


def log_now(tx: Transaction, organisation: int) -> Log:
    """Tell how long the log is that an organisation's entries go to."""
    name = log_of(tx, organisation)
    head = read_head(tx, name)
    return Log(name, head.origin, head.size) if head else Log(name, "", 0)


def ground_of(setting: Setting, keys: OrganisationKeys) -> str:
    """Tell apart what briefs are made under: retention rules, key, and how they are written."""
    told = sorted(
        (kind, each.period, each.counts_from) for kind, each in setting.retention.items()
    )
    ground = (_LAYOUT, keys.index_version, told)
    return hashlib.sha256(repr(ground).encode()).hexdigest()
