"""Populating: an organisation of its own, and as many made people in it as were asked for."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from .. import ledger, notices, organisations
from ..db import Sql, read, write
from ..decisions.journal import write_lines
from ..demo.sites import read_organisation
from ..ids import new_id
from ..ledger.sequence import sequence_once
from ..organisations import keys_of, log_of
from ..problems import RefusedToStart
from ..subjects import find
from ..subjects.suppress import JOURNAL as SUPPRESSIONS
from ..web import current
from .base import BEGINS, Base
from .loader import Loader
from .people import person
from .record import Scribe, identified

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .people import Person

SLUG: Final = "bench"
_ORIGIN: Final = "https://bench.example"
_ACTOR: Final = "bench"
# People a transaction, and entries a head: nobody else waits for either of them.
_PEOPLE: Final = 5_000
_ENTRIES: Final = 10_000
_COUNT: Final = Sql("SELECT count(*) FROM subject WHERE organisation_id = :organisation")


def begin(*, now: datetime) -> int:
    """Make the organisation, or find it."""
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
    return known


def already(organisation: int, *, subjects: int, seed: int) -> int:
    """Count the people that earlier runs made, to go on from; refuses any others."""
    with read(organisation) as tx:
        ((there,),) = tx.run(_COUNT, {"organisation": organisation})
        if there > subjects:
            raise RefusedToStart(
                f"the organisation {SLUG} has {there:,} people already: ask for more than that"
            )
        keys = keys_of(organisation, tx)
        # A device, whose name hangs on the seed; the last, and nobody after her.
        device = next(n for n in count() if person(seed, n).visitor)
        for number in {min(device, there), there - 1, there} if there else ():
            if _is_there(tx, keys, person(seed, number)) != (number < there):
                raise RefusedToStart(
                    f"the organisation {SLUG} has people that seed {seed} did not make:"
                    " populate an empty database, or go on with its own seed"
                )
    return int(there)


def _is_there(tx: Transaction, keys: OrganisationKeys, somebody: Person) -> bool:
    return bool(find(tx, keys, identified(somebody)[0], keys.organisation))


def populate(
    organisation: int,
    *,
    subjects: int,
    seed: int,
    now: datetime,
    there: int = 0,
    told: Callable[[int], object] = lambda _: None,
) -> int:
    """Record people by the thousand, with standing and ledger; gives the rows written.

    It goes on after the first `there`, who are recorded already.
    """
    settings, keyring = current.settings(), current.keyring()
    with read(organisation) as tx:
        keys = keys_of(organisation, tx)
        log = log_of(tx, organisation)
        base = Base.read(tx, keys, keyring.derive("receipts"), log, now)
    signer = ledger.LogSigner.of(settings, keyring)
    rows = 0
    for numbers in _parts(there, subjects):
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


def _parts(there: int, subjects: int) -> list[range]:
    return [
        range(start, min(start + _PEOPLE, subjects))
        for start in range(there, subjects, _PEOPLE)
    ]
