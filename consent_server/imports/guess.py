"""A guess: a batch made ready while the one before it is written, as if all were strangers.

So PostgreSQL and we work at the same time, and none of us waits for the other. Whether the
guess was right the database says in the statement that writes the rows; if it was not, nothing
is written, and the batch is recorded as any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..db import Draft, NotYetAsked
from ..decisions.many import write_many
from ..web import current
from .batch import Batch
from .known import STRANGERS, KnownPeople

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..db import Message, Transaction
    from .parted import Outcome, Parted, Read
    from .ready import Importing


class WrongGuess(Exception):
    """Somebody of the batch was known after all."""


class Guess(NamedTuple):
    """A batch as it will be if nobody in it is known."""

    rows: Sequence[Read]
    about: Importing
    parted: Parted
    drafted: Message
    journal: list[bytes]

    def holds(self, rows: Sequence[Read], about: Importing) -> bool:
        """Tell whether it was made of these rows, and under what holds now."""
        mine = self.about
        same = mine.configuration is about.configuration and mine.log == about.log
        return same and self.rows is rows


def guess(
    tx: Transaction, about: Importing, rows: Sequence[Read], *, yes: bool
) -> Guess | None:
    """Make a batch ready; None if there is nothing in it that could be made before its time."""
    if not tx.postgresql or about.seen is not None:
        return None
    draft = Draft(tx)
    about = replace(about, now=current.now(), versions={**about.versions})
    batch = Batch(draft, about)
    try:
        parted = batch.part(rows, yes=yes)
        chosen = batch.choose(KnownPeople(), parted)
        if not chosen:
            return None
        write_many(draft, about.keys, about.log, chosen, batch.journal)
    except NotYetAsked:
        return None
    lists = {"hashes": [one.hash for one in chosen]}
    return Guess(rows, about, parted, draft.unless((STRANGERS, lists)), batch.journal)


def record_guessed(
    tx: Transaction, about: Importing, made: Guess, meanwhile: Callable[[], object]
) -> list[Outcome]:
    """Record what was guessed; `meanwhile` is called beside the database. Or `WrongGuess`."""
    batch, parted = Batch(tx, about), made.parted
    # Whom the other rows name is locked before anything is written, as everywhere.
    people = batch.people((), parted.ready) if parted.ready else KnownPeople()
    tx.write_drafted(made.drafted)
    meanwhile()
    if tx.forbidden():
        raise WrongGuess
    batch.journal += made.journal
    return batch.finish(people, parted)
