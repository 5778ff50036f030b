"""Populating: an organisation of its own, and as many made people in it as were asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .. import ledger, notices, organisations
from ..db import Sql, read, write
from ..decisions.journal import write_lines
from ..demo.sites import read_organisation
from ..ids import new_id
from ..ledger.sequence import sequence_once
from ..organisations import keys_of, log_of
from ..problems import RefusedToStart
from ..subjects.suppress import JOURNAL as SUPPRESSIONS
from ..web import current
from .base import BEGINS, Base
from .loader import Loader
from .people import person
from .record import Scribe

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

SLUG: Final = "bench"
_ORIGIN: Final = "https://bench.example"
_ACTOR: Final = "bench"
# People a transaction, and entries a head: nobody else waits for either of them.
_PEOPLE: Final = 5_000
_ENTRIES: Final = 10_000
_SOMEBODY: Final = Sql("SELECT 1 FROM subject WHERE organisation_id = :organisation LIMIT 1")


def begin(*, now: datetime) -> int:
    """Make the organisation, or find it empty; refuses one that has people in it."""
    with read() as tx:
        known = organisations.find(tx, SLUG)
    if known is None:
        document = read_organisation("cubalys", origin=_ORIGIN)
        own = replace(document.organisation, slug=SLUG, name="Bench")
        with write(new_id()) as tx:
            notices.apply_document(
                tx, replace(document, organisation=own), actor=_ACTOR, now=now - BEGINS
            )
        with read() as tx:
            known = organisations.find(tx, SLUG)
    if known is None:
        raise RefusedToStart("the organisation was not made")
    with read(known) as tx:
        if tx.run(_SOMEBODY, {"organisation": known}):
            raise RefusedToStart(
                f"the organisation {SLUG} has people already: populate an empty database"
            )
    return known


def populate(
    organisation: int,
    *,
    subjects: int,
    seed: int,
    now: datetime,
    told: Callable[[int], object] = lambda _: None,
) -> int:
    """Record people by the thousand, with standing and ledger; gives the rows written."""
    settings, keyring = current.settings(), current.keyring()
    with read(organisation) as tx:
        keys = keys_of(organisation, tx)
        log = log_of(tx, organisation)
        base = Base.read(tx, keys, keyring.derive("receipts"), log, now)
    signer = ledger.LogSigner.of(settings, keyring)
    rows = 0
    for numbers in _parts(subjects):
        with write(organisation) as tx:
            loader = Loader(tx)
            scribe = Scribe(base, loader)
            for number in numbers:
                scribe.write(person(seed, number))
            scribe.end()
            folder = settings.data / ledger.FOLDER
            write_lines(folder, scribe.noes)
            ledger.write_journal(folder, SUPPRESSIONS, scribe.suppressions)
        sequence_once(clock=current.clock(), signer=signer, batch=_ENTRIES)
        rows += loader.count
        told(len(numbers))
    return rows


def _parts(subjects: int) -> list[range]:
    return [
        range(start, min(start + _PEOPLE, subjects)) for start in range(0, subjects, _PEOPLE)
    ]
