"""Forgetting: what nobody confirmed in time, and whatever was asked for somebody erased."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ... import ledger, notices
from ...clock import to_micros
from ...db import Sql, read, write
from ...decisions.erase import erase_claim
from ...permissions.asked import forget_asking
from ...permissions.bulk.briefs.forget import forget_briefs
from ...subjects.erase import erase_subjects, is_bare
from ...web import current
from . import store
from .tokens import LINK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...db import Transaction
    from ...notices.values import Configuration
    from .store import Signup

# A day beyond the link's life, for whoever opens it late to read why it does not work; what
# was confirmed is known as long again, so that a second press says so.
_UNCONFIRMED: Final = timedelta(seconds=LINK_SECONDS, days=1)
_CONFIRMED: Final = timedelta(days=30)
_BATCH: Final = 100
_SUBJECT_OF: Final = Sql(
    "SELECT subject_id FROM decision WHERE organisation_id = :organisation AND id = :claim"
)
_LINKED: Final = Sql(
    "SELECT 1 FROM unsubscribe_link"
    " WHERE organisation_id = :organisation AND subject_id = :subject LIMIT 1"
)


def forget_unconfirmed(organisation: int) -> int:
    """Erase what was never confirmed, and who is known for nothing else; gives how many."""
    now = current.now()
    terms = {store.ASKED: _UNCONFIRMED, store.CONFIRMED: _CONFIRMED}
    total = 0
    for state, term in terms.items():
        before = to_micros(now - term)
        with read(organisation) as tx:
            if not store.older(tx, organisation, state, before=before, most=1):
                continue
        # Alone, as every erasure: who is bare when one looks must be when one erases.
        with write(organisation, alone=True) as tx:
            configuration = notices.configuration(tx, organisation)
            for signup in store.older(tx, organisation, state, before=before, most=_BATCH):
                if state == store.ASKED:
                    _erase_claim(tx, configuration, signup)
                store.drop(tx, organisation, signup)
                total += 1
    return total


def forget_signups(tx: Transaction, organisation: int, hashes: Iterable[bytes]) -> None:
    """Drop what was asked with the address of somebody who is erased: its link is dead."""
    for signup in store.of_hashes(tx, organisation, hashes):
        store.drop(tx, organisation, signup)


def _erase_claim(tx: Transaction, configuration: Configuration, signup: Signup) -> None:
    organisation = configuration.organisation
    found = tx.run(_SUBJECT_OF, {"organisation": organisation, "claim": signup.claim})
    if not found or signup.claim is None:
        return
    subject = int(found[0][0])
    records = [signup.claim]
    forget_briefs(tx, organisation, [subject], whole=False)
    silent = erase_claim(tx, configuration, subject, signup.claim)
    values = {"organisation": organisation, "subject": subject}
    if silent and is_bare(tx, organisation, subject) and not tx.run(_LINKED, values):
        forget_asking(tx, organisation, subject)
        records += erase_subjects(tx, organisation, [subject])
    ledger.erase_records(tx, organisation, records)
