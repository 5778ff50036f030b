"""Following: briefs are built from the facts once, then again for whom the log tells of.

The log is the queue. Its size is read before any fact: whatever changes meanwhile is in an
entry further on, or still waits for its place, and readers look at those themselves. So facts
are read before the transaction that writes what follows from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .... import notices
from ....clock import to_micros
from ....collector import uncollected
from ....db import Sql, read, snapshot, write
from ....organisations import keys_of
from ....subjects import touched
from ....web import current
from ...lookup import setting_of
from .build import FIRST_PART, NEXT, SUBJECTS, Cursor, read_cursor, write_parts
from .changed import digests_of_subjects, gone, holding, integrated, subjects_of_records
from .make import agreed, make
from .reached import BEGINNING, Reached, ground_of, log_now, read_reached, write_reached
from .write import drop_parts, put_aside, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from ....db import Transaction
    from ....keyring import OrganisationKeys
    from ...values import Setting
    from .changed import Digests
    from .make import Brief
    from .reached import Log

# Entries a transaction.
_AT_ONCE: Final = 1_000
# Entries behind, and the part of the log that they are, with which building anew is quicker
# than going from one to the next: a brief made again costs several that are made in order.
_MANY: Final = 100_000
_PART: Final = 4
# Two workers may run; locks of two numbers never meet those of one.
_ALONE: Final = Sql("SELECT 1", "SELECT pg_advisory_xact_lock(:ours::int, :number::int)")
_OURS: Final = 0x0B81EF
_TAKE_GONE: Final = Sql(
    "DELETE FROM brief_gone WHERE organisation_id = :organisation AND key = :key"
)


def follow(organisation: int) -> bool:
    """Take one step after the log; tells whether there is another to take."""
    with read(organisation) as tx:
        reached = read_reached(tx, organisation)
        log = log_now(tx, organisation)
        setting = setting_of(notices.configuration(tx, organisation))
        keys = keys_of(organisation, tx)
        noted = bool(touched.touched(tx, organisation, 1) or gone(tx, organisation, 1))
    if reached is None:
        if noted:
            _look_away(organisation)
        return False
    step = _Step(keys, log, setting, to_micros(current.now()))
    if _is_of_another_time(reached, log, step.ground) or _is_far_behind(reached, log):
        return step.begin(reached)
    if reached.built is not None:
        return step.build(reached, read_cursor(reached.built))
    if reached.place < log.size or noted:
        return step.catch_up(reached)
    return False


def follow_to_the_end(organisation: int, told: Callable[[], object] = lambda: None) -> None:
    """Take every step there is."""
    while follow(organisation):
        told()


def carry_on(organisations: Iterable[int], stopping: Callable[[], bool]) -> bool:
    """Take a step for each organisation; tells whether any has more to take."""
    return sum(not stopping() and follow(each) for each in organisations) > 0


def _look_away(organisation: int) -> None:
    # Nobody follows here: what is noted is noted for nobody.
    with write(organisation) as tx:
        touched.take(tx, organisation, touched.touched(tx, organisation, _AT_ONCE))
        _take_gone(tx, organisation, gone(tx, organisation, _AT_ONCE))


def _take_gone(tx: Transaction, organisation: int, keys: Iterable[int]) -> None:
    for key in keys:
        tx.run(_TAKE_GONE, {"organisation": organisation, "key": key})


def _is_of_another_time(reached: Reached, log: Log, ground: str) -> bool:
    moved = reached.origin != log.origin or reached.place > log.size
    return moved or reached.ground != ground


def _is_far_behind(reached: Reached, log: Log) -> bool:
    return reached.built is None and log.size - reached.place > max(_MANY, log.size // _PART)


class _Step:
    """One step, in a transaction of its own."""

    def __init__(self, keys: OrganisationKeys, log: Log, setting: Setting, now: int) -> None:
        self._organisation, self._keys, self._log = keys.organisation, keys, log
        self._setting, self._now = setting, now
        self.ground = ground_of(setting, keys)

    def begin(self, reached: Reached) -> bool:
        """Begin from nothing; what there is cannot be read any more."""
        if not self._log.size or len(self._keys.index_keys) > 1:
            return False
        with write(self._organisation) as tx:
            if self._is_mine(tx, reached):
                drop_parts(tx, self._organisation)
                self._reach(tx, self._log.size, BEGINNING)
        return True

    def build(self, reached: Reached, cursor: Cursor) -> bool:
        """Make the briefs of the next subjects, or write the next parts of them."""
        return self._write(reached, cursor) if cursor.writing else self._make(reached, cursor)

    def _make(self, reached: Reached, cursor: Cursor) -> bool:
        values = {"organisation": self._organisation, "after": cursor.at, "most": SUBJECTS}
        with uncollected(), snapshot(self._organisation) as tx:
            subjects = [number for (number,) in tx.run(NEXT, values)]
            made = self._made(tx, subjects)
        after = Cursor(writing=False, at=subjects[-1]) if subjects else FIRST_PART
        with write(self._organisation) as tx:
            if self._is_mine(tx, reached):
                put_aside(tx, self._organisation, after.at, made)
                self._reach(tx, reached.place, after.write())
        return True

    def _write(self, reached: Reached, cursor: Cursor) -> bool:
        with uncollected(), write(self._organisation) as tx:
            if self._is_mine(tx, reached):
                after = write_parts(tx, self._organisation, cursor.at)
                going = None if after is None else Cursor(writing=True, at=after).write()
                self._reach(tx, reached.place, going)
        return True

    def catch_up(self, reached: Reached) -> bool:
        """Make the briefs again of those whom the next entries tell of."""
        organisation = self._organisation
        end = min(reached.place + _AT_ONCE, self._log.size)
        with snapshot(organisation) as tx:
            noted = touched.touched(tx, organisation, _AT_ONCE)
            left = gone(tx, organisation, _AT_ONCE)
            records = integrated(tx, organisation, self._log.name, reached.place, end)
            subjects = subjects_of_records(tx, organisation, records)
            subjects |= {subject for subject, _ in noted}
            digests = digests_of_subjects(tx, self._keys, subjects)
            made = agreed(
                made_again(tx, self._keys, subjects, digests, self._setting, self._now)
            )
        with write(organisation) as tx:
            if self._is_mine(tx, reached):
                replace(tx, organisation, left | digests.keys(), made)
                touched.take(tx, organisation, noted)
                _take_gone(tx, organisation, left)
                self._reach(tx, end, None)
        return True

    def _made(self, tx: Transaction, subjects: list[int]) -> list[Brief]:
        return make(tx, self._keys, subjects, self._setting, self._now) if subjects else []

    def _is_mine(self, tx: Transaction, reached: Reached) -> bool:
        number = self._organisation % (1 << 31)
        tx.run(_ALONE, {"ours": _OURS, "number": number})
        return read_reached(tx, self._organisation) == reached

    def _reach(self, tx: Transaction, place: int, built: bytes | None) -> None:
        write_reached(
            tx, self._organisation, Reached(self._log.origin, place, self.ground, built)
        )


def made_again(
    tx: Transaction,
    keys: OrganisationKeys,
    subjects: Collection[int],
    digests: Digests,
    setting: Setting,
    now: int,
) -> list[Brief]:
    """Make what is to be kept under the digests of subjects, whoever else has them, too."""
    others = holding(tx, keys.organisation, set(digests.values()))
    made = make(tx, keys, sorted({*subjects, *others}), setting, now)
    return [each for each in made if each.key in digests]
