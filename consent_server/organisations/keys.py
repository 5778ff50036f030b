"""The keys of an organisation: one seals its rows, the others find its identifiers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from ..db import Sql, Transaction, read
from ..keyring import Keyring, OrganisationKeys
from ..problems import NotFound
from ..secret_files import KEY_BYTES
from ..web import current
from .kept import Kept
from .models import OrganisationKey

if TYPE_CHECKING:
    from flask import Flask

DATA: Final = "data"
INDEX: Final = "index"

_KEYS: Final = Sql(
    "SELECT kind, version, wrapped FROM organisation_key WHERE organisation_id = :organisation"
)
_kept: Final = Kept[OrganisationKeys]("keys")


def make_keys(tx: Transaction, organisation: int, *, now: int) -> None:
    """Draw the first data key and index key, and keep them wrapped by the server's."""
    ring = current.keyring()
    for kind in (DATA, INDEX):
        wrapped = ring.wrap(secrets.token_bytes(KEY_BYTES), organisation, kind, 1)
        tx.session.add(
            OrganisationKey(
                organisation_id=organisation,
                kind=kind,
                version=1,
                wrapped=wrapped,
                recorded_at=now,
            )
        )
    tx.session.flush()


def keys_of(organisation: int, tx: Transaction | None = None) -> OrganisationKeys:
    """Give an organisation's keys, at most a second old; reads in `tx` when it is given."""
    found = _kept.get(organisation, lambda: _find(organisation, tx))
    if found is None:
        raise NotFound
    return found


def keys_kept(app: Flask, organisation: int) -> OrganisationKeys | None:
    """Give an organisation's keys if they were read within the last second."""
    return _kept.fresh(app, organisation)


def _find(organisation: int, tx: Transaction | None) -> OrganisationKeys | None:
    if tx is None:
        with read(organisation) as own:
            return _find(organisation, own)
    rows = tx.run(_KEYS, {"organisation": organisation})
    return _unwrap(current.keyring(), organisation, rows) if rows else None


def _unwrap(
    ring: Keyring, organisation: int, rows: list[tuple[str, int, bytes]]
) -> OrganisationKeys:
    data: dict[int, bytes] = {}
    index: dict[int, bytes] = {}
    for kind, version, wrapped in rows:
        keys = data if kind == DATA else index
        keys[version] = ring.unwrap(bytes(wrapped), organisation, kind, version)
    return OrganisationKeys(organisation, data[max(data)], index)
