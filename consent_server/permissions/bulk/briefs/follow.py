"""Following: briefs are built from the facts once, then again for whom the log tells of.

The log is the queue. Its size is read before any fact: whatever changes meanwhile is in an
entry further on, or still waits for its place, and readers look at those themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .... import notices
from ....clock import to_micros
from ....db import Insert, Sql, read, write
from ....organisations import keys_of
from ....subjects import touched
from ....web import current
from ...lookup import setting_of
from ..gather_many import gather_all
from ..models import Brief
from .changed import integrated, subjects_of_records
from .reached import BEGINNING, Reached, log_now, read_reached, retention_of, write_reached
from .shape import brief, is_plain, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ....db import Transaction
    from ...values import Setting
    from .reached import Log

    Named = tuple[bytes, str]

# Of these kinds; a visitor is asked about as she comes, not by the list.
KINDS: Final = frozenset({"email", "phone", "external_id"})
# Identifiers, or entries, a transaction: on SQLite a decision waits for it.
_AT_ONCE: Final = 1_000
_INSERT: Final = Insert(Brief.__table__)
# Two workers may run; locks of two numbers never meet those of one.
_ALONE: Final = Sql("SELECT 1", "SELECT pg_advisory_xact_lock(:ours::int, :number::int)")
_OURS: Final = 0x0B81EF
NEXT: Final = Sql(
    "SELECT hash, kind, subject_id FROM identifier WHERE organisation_id = :organisation"
    " AND hash > :after AND closed_at IS NULL ORDER BY hash LIMIT :most"
)
_HELD: Final = Sql(
    "SELECT hash, kind FROM identifier WHERE organisation_id = :organisation"
    " AND subject_id IN (SELECT value FROM json_each(:several)) AND closed_at IS NULL",
    "SELECT hash, kind FROM identifier WHERE organisation_id = :organisation"
    " AND subject_id = ANY(:several) AND closed_at IS NULL",
)
_FORGET: Final = Sql(
    "DELETE FROM brief WHERE organisation_id = :organisation"
    " AND subject_id IN (SELECT value FROM json_each(:several))",
    "DELETE FROM brief WHERE organisation_id = :organisation AND subject_id = ANY(:several)",
)
_FORGET_ALL: Final = Sql("DELETE FROM brief WHERE organisation_id = :organisation")


def follow(organisation: int) -> bool:
    """Take one step after the log; tells whether there is another to take."""
    with read(organisation) as tx:
        reached = read_reached(tx, organisation)
        log, setting = (
            log_now(tx, organisation),
            setting_of(notices.configuration(tx, organisation)),
        )
        noted = bool(touched.touched(tx, organisation, 1))
    if reached is None:
        if noted:
            with write(organisation) as tx:
                touched.take(tx, organisation, touched.touched(tx, organisation, _AT_ONCE))
        return False
    step = _Step(organisation, log, setting, to_micros(current.now()))
    if _is_of_another_time(reached, log, setting):
        return step.begin(reached)
    if reached.built is not None:
        return step.build(reached, reached.built)
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


def _is_of_another_time(reached: Reached, log: Log, setting: Setting) -> bool:
    moved = reached.origin != log.origin or reached.place > log.size
    return moved or reached.retention != retention_of(setting)


class _Step:
    """One step, in a transaction of its own."""

    def __init__(self, organisation: int, log: Log, setting: Setting, now: int) -> None:
        self._organisation, self._log = organisation, log
        self._setting, self._now = setting, now

    def begin(self, reached: Reached) -> bool:
        """Begin from nothing."""
        if not self._log.size:
            return False
        with write(self._organisation) as tx:
            if self._is_mine(tx, reached):
                tx.run(_FORGET_ALL, {"organisation": self._organisation})
                self._reach(tx, self._log.size, BEGINNING)
        return True

    def build(self, reached: Reached, after: bytes) -> bool:
        """Make the briefs of those whose keyed hashes come next."""
        with write(self._organisation) as tx:
            if not self._is_mine(tx, reached):
                return True
            values = {"organisation": self._organisation, "after": after, "most": _AT_ONCE}
            found = [(bytes(hashed), kind) for hashed, kind, _ in tx.run(NEXT, values)]
            self._write(tx, found)
            self._reach(tx, reached.place, found[-1][0] if found else None)
        return True

    def catch_up(self, reached: Reached) -> bool:
        """Make the briefs again of those whom the next entries tell of."""
        end = min(reached.place + _AT_ONCE, self._log.size)
        with write(self._organisation) as tx:
            if not self._is_mine(tx, reached):
                return True
            noted = touched.touched(tx, self._organisation, _AT_ONCE)
            records = integrated(tx, self._organisation, self._log.name, reached.place, end)
            subjects = subjects_of_records(tx, self._organisation, records)
            subjects |= {subject for subject, _ in noted}
            several = {
                "organisation": self._organisation,
                "several": tx.several(sorted(subjects)),
            }
            found = [(bytes(hashed), kind) for hashed, kind in tx.run(_HELD, several)]
            tx.run(_FORGET, several)
            self._write(tx, found)
            touched.take(tx, self._organisation, noted)
            self._reach(tx, end, None)
        return True

    def _is_mine(self, tx: Transaction, reached: Reached) -> bool:
        number = self._organisation % (1 << 31)
        tx.run(_ALONE, {"ours": _OURS, "number": number})
        return read_reached(tx, self._organisation) == reached

    def _reach(self, tx: Transaction, place: int, built: bytes | None) -> None:
        retention = retention_of(self._setting)
        reached = Reached(self._log.origin, place, retention, built)
        write_reached(tx, self._organisation, reached)

    def _write(self, tx: Transaction, named: Sequence[Named]) -> None:
        for row in rows_of(tx, self._organisation, named, self._setting, self._now):
            tx.later(_INSERT, row)


def rows_of(
    tx: Transaction, organisation: int, named: Sequence[Named], setting: Setting, now: int
) -> Iterator[dict[str, Any]]:
    """Make the briefs of identifiers, given by keyed hash and kind, from the facts."""
    version = len(keys_of(organisation, tx).index_keys)
    for kind in sorted(KINDS if version == 1 else ()):
        hashes = sorted({hashed for hashed, each in named if each == kind})
        found = gather_all(tx, organisation, kind, [[hashed] for hashed in hashes])
        for hashed, each in zip(hashes, found, strict=True):
            if each.linked or not is_plain(each.gathered.about(0)):
                continue
            key, rest = key_of(hashed)
            (subject,) = each.gathered.subjects
            for purpose in sorted({0, *each.purposes}):
                told = brief(each.gathered.about(purpose), setting, now)
                yield {
                    "organisation_id": organisation,
                    "purpose_id": purpose,
                    "key": key,
                    "rest": rest,
                    "subject_id": subject,
                    **told._asdict(),
                }
