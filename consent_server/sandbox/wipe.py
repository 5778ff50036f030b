"""Wiping a sandbox: whatever was tried is gone; document, sites, words and keys stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .. import ledger, organisations
from ..db import Base, Sql, write
from ..ids import public
from ..web import current
from .double import NoSandbox

if TYPE_CHECKING:
    from datetime import datetime

    from ..db import Transaction

# What an organisation is and declares: a test suite that begins again finds its site, its
# notices and its keys as they were. Every other table with its rows is emptied, so that a
# table added later cannot be forgotten.
KEPT: Final = frozenset(
    {
        "organisation_directory",
        "organisation_key",
        "organisation_revision",
        "catalogue_revision",
        "site_directory",
        "site",
        "notice",
        "notice_draft",
        "notice_version",
        "version_directory",
        "floor",
        "key_directory",
        "api_key",
        "key_use",
        "webhook",
        "webhook_secret",
        "webhook_state",
    }
)
# These have an order of their own: the ledger empties them (ledger.begin_again).
_LEDGER: Final = "ledger_"
_VERSIONS: Final = "notice_version"
# Every receiver begins with the new feed.
_REWIND: Final = Sql(
    "UPDATE webhook_state SET reached = 0, paused_until = 0, stopped = NULL, stopped_at = NULL"
    " WHERE organisation_id = :organisation"
)


def wipe(organisation: int, *, actor: str, now: datetime) -> None:
    """Empty a sandbox; raises `NoSandbox` for an organisation that is none."""
    with write(organisation) as tx:
        organisations.lock(tx, organisation)
        if not organisations.is_sandbox(tx, organisation):
            raise NoSandbox("only a sandbox can be wiped")
        old, new = organisations.move_log(tx, organisation)
        ledger.begin_again(
            tx,
            organisation=organisation,
            old=old,
            new=new,
            keys=organisations.keys_of(organisation, tx),
            kept=_VERSIONS,
        )
        _empty(tx, organisation)
        tx.run(_REWIND, {"organisation": organisation})
        organisations.audit(
            tx,
            organisation=organisation,
            actor=actor,
            action="sandbox.wiped",
            target=public("org", organisation),
            now=now,
        )
        signer = ledger.LogSigner.of(current.settings(), current.keyring())
        signer.guard.end(old)


def emptied() -> list[str]:
    """Name the tables that a wipe empties itself."""
    return [
        table.name
        for table in reversed(Base.metadata.sorted_tables)
        if "organisation_id" in table.columns
        and table.name not in KEPT
        and not table.name.startswith(_LEDGER)
    ]


def _empty(tx: Transaction, organisation: int) -> None:
    for name in emptied():
        # The names are those of our own tables.
        statement = Sql(f"DELETE FROM {name} WHERE organisation_id = :organisation")  # noqa: S608
        tx.run(statement, {"organisation": organisation})
