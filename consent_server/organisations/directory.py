"""The directory of organisations: outside the wall, it names nobody and counts nothing."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from ..db import Sql, Transaction
from ..ids import public
from ..problems import NotFound
from .kept import Kept

if TYPE_CHECKING:
    from ..db import Asked

MAIN_LOG: Final = "main"

_BY_SLUG: Final = Sql("SELECT organisation_id FROM organisation_directory WHERE slug = :slug")
_LOG: Final = Sql(
    "SELECT log FROM organisation_directory WHERE organisation_id = :organisation"
)
_MOVE: Final = Sql(
    "UPDATE organisation_directory SET log = :log, version = version + 1"
    " WHERE organisation_id = :organisation"
)
_VERSION: Final = Sql(
    "SELECT version FROM organisation_directory WHERE organisation_id = :organisation"
)
_ALL: Final = Sql(
    "SELECT organisation_id, slug, recorded_at FROM organisation_directory ORDER BY slug"
)
_LOCK: Final = Sql(
    "SELECT version FROM organisation_directory WHERE organisation_id = :organisation",
    "SELECT version FROM organisation_directory WHERE organisation_id = :organisation"
    " FOR UPDATE",
)
_BUMP: Final = Sql(
    "UPDATE organisation_directory SET version = version + 1"
    " WHERE organisation_id = :organisation RETURNING version"
)
_log: Final = Kept[str]("log")
_changing: Final[WeakSet[Transaction]] = WeakSet()


def find(tx: Transaction, slug: str) -> int | None:
    """Find an organisation by its slug."""
    rows = tx.run(_BY_SLUG, {"slug": slug})
    return int(rows[0][0]) if rows else None


def listed(tx: Transaction) -> list[tuple[int, str, int]]:
    """List every organisation of this server: id, slug, since when."""
    return [(int(number), slug, int(since)) for number, slug, since in tx.run(_ALL)]


def log_of(tx: Transaction, organisation: int) -> str:
    """Name the log that an organisation's entries go to; only a sandbox's ever changes."""
    found = _log.get(organisation, lambda: _find_main(tx, organisation))
    if found is None:
        found = _find_log(tx, organisation)
    if found is None:
        raise NotFound
    return found


def is_sandbox(tx: Transaction, organisation: int) -> bool:
    """Tell whether an organisation only tries things out, in a log of its own."""
    return log_of(tx, organisation) != MAIN_LOG


def move_log(tx: Transaction, organisation: int) -> tuple[str, str]:
    """Send a sandbox's entries to a log of another name; gives the old one and the new."""
    old = log_of(tx, organisation)
    if old == MAIN_LOG:
        raise ValueError("only a sandbox may begin again")
    new = f"{sandbox_log(organisation)}-{secrets.token_hex(4)}"
    tx.run(_MOVE, {"organisation": organisation, "log": new})
    return old, new


def sandbox_log(organisation: int) -> str:
    """Name the first log of a sandbox: what is tried out proves nothing."""
    return f"sandbox-{public('org', organisation)}"


def _find_main(tx: Transaction, organisation: int) -> str | None:
    return MAIN_LOG if _find_log(tx, organisation) == MAIN_LOG else None


def _find_log(tx: Transaction, organisation: int) -> str | None:
    rows = tx.run(_LOG, {"organisation": organisation})
    return str(rows[0][0]) if rows else None


def version_of(tx: Transaction, organisation: int) -> int | None:
    """Tell which version of its configuration an organisation is at."""
    rows = tx.run(*asking_version(organisation))
    return int(rows[0][0]) if rows else None


def asking_version(organisation: int) -> Asked:
    """Say what to ask the database to learn the version, together with something else."""
    return _VERSION, {"organisation": organisation}


def lock(tx: Transaction, organisation: int) -> None:
    """Let nobody else change this organisation's configuration until `tx` ends.

    Two changes follow each other, and each sees what the one before it did.
    """
    tx.run(_LOCK, {"organisation": organisation})


def bump(tx: Transaction, organisation: int) -> int:
    """Say that an organisation's configuration changes; what others remember of it is stale."""
    _changing.add(tx)
    return int(tx.run(_BUMP, {"organisation": organisation})[0][0])


def changing(tx: Transaction) -> bool:
    """Tell whether `tx` has changed a configuration: what it sees may yet be rolled back."""
    return tx in _changing
