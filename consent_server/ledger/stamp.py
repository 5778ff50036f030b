"""Stamping: now and then a log's head is stamped from outside, by each authority named.

A stamp over a head covers every entry before it, so an authority that was away costs
nothing but time: the next stamp covers what waited. Until then it is said to be pending.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from cryptography.x509 import Certificate, load_pem_x509_certificates

from ..clock import from_micros, to_micros
from ..db import Insert, Sql, read, write
from ..problems import RefusedToStart
from .authority import NoStamp, ask_authority
from .checkpoint import Checkpoint, checkpoint_body, parse_checkpoint_body
from .models import KeptCheckpoint, Stamp
from .note import parse_note
from .stored import logs, read_head
from .witness.kept import cosigned_note, latest_cosigned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..clock import Clock
    from ..config import Settings
    from ..db import Transaction
    from ..outgoing.calls import Calls
    from .authority import StampedAt
    from .stored import StoredHead

_log: Final = structlog.get_logger()
_AGAIN: Final = timedelta(minutes=1)
_LAST: Final = Sql(
    "SELECT size, told_at FROM ledger_stamp WHERE log = :log AND authority = :authority"
    " ORDER BY size DESC LIMIT 1"
)
_KEPT: Final = Sql("SELECT checkpoint FROM ledger_checkpoint WHERE log = :log AND size = :size")
_KEEP: Final = Insert(KeptCheckpoint.__table__, or_else="ON CONFLICT (log, size) DO NOTHING")
_STAMP: Final = Insert(Stamp.__table__, or_else="ON CONFLICT (log, size, authority) DO NOTHING")


@dataclass
class Stamper:
    """Has the heads of all logs stamped, from one thread."""

    clock: Clock
    calls: Calls
    authorities: Sequence[str]
    every: timedelta
    roots: Sequence[Certificate] = ()
    # Whoever failed is left alone for a while.
    waiting: dict[str, datetime] = field(default_factory=dict)

    def pass_once(self) -> int:
        """Have stamped what is due; gives how many stamps were given."""
        with read() as tx:
            known = [head for log in logs(tx) if (head := read_head(tx, log)) is not None]
            heads = [(head, _cosigned(tx, head)) for head in known]
        return sum(self._stamp(*each, who) for each in heads for who in self.authorities)

    def _stamp(self, head: StoredHead, cosigned: StoredHead | None, authority: str) -> bool:
        now = self.clock()
        with read() as tx:
            last = tx.run(_LAST, {"log": head.log, "authority": authority})
        # What a witness signed too says more; but no stamp waits for a witness that is away.
        if cosigned is not None and is_due(cosigned.size, last, now, self.every):
            head = cosigned
        if self.waiting.get(authority, now) > now or not is_due(
            head.size, last, now, self.every
        ):
            return False
        if self._is_another(head):
            return False
        try:
            stamped = ask_authority(
                self.calls, authority, _text(head), roots=self.roots, now=now
            )
        except NoStamp as error:
            self.waiting[authority] = now + _AGAIN
            _log.warning("no stamp", log=head.log, error=error.reason)
            return False
        self._keep(head, authority, stamped)
        return True

    def _is_another(self, head: StoredHead) -> bool:
        """Tell whether a checkpoint of this size is kept under another name of the log.

        It was resumed, and will grow at once: a stamp over its new name waits for that.
        """
        with read() as tx:
            rows = tx.run(_KEPT, {"log": head.log, "size": head.size})
        return bool(rows) and not rows[0][0].startswith(f"{head.origin}\n")

    def _keep(self, head: StoredHead, authority: str, stamped: StampedAt) -> None:
        place = {"log": head.log, "size": head.size}
        kept = {"checkpoint": head.checkpoint, "signed_at": head.signed_at}
        told = {"token": stamped.token, "told_at": to_micros(stamped.told_at)}
        with write() as tx:
            tx.later(_KEEP, {**place, **kept, "because": "stamped"})
            tx.later(_STAMP, {**place, "authority": authority, **told})
        _log.info("stamped", log=head.log, size=head.size)


def is_due(size: int, last: Sequence[tuple[int, int]], now: datetime, every: timedelta) -> bool:
    """Tell whether a head is to be stamped: it has grown, and the last stamp is old enough."""
    if not last:
        return size > 0
    stamped, told_at = last[0]
    return size > stamped and now - from_micros(told_at) >= every


def _cosigned(tx: Transaction, head: StoredHead) -> StoredHead | None:
    size = latest_cosigned(tx, head.origin)
    if size is None:
        return None
    note = cosigned_note(tx, head.origin, size)
    root = parse_checkpoint_body(parse_note(note).text).root
    return head._replace(size=size, root=root, checkpoint=note)


def _text(head: StoredHead) -> bytes:
    return checkpoint_body(Checkpoint(head.origin, head.size, head.root)).encode()


def stamper_of(settings: Settings, clock: Clock) -> Stamper:
    """Make what stamps for a deployment; raises `RefusedToStart` for roots it cannot read."""
    from ..outgoing.calls import Calls  # noqa: PLC0415

    roots: Sequence[Certificate] = ()
    if settings.timestamp_roots is not None:
        try:
            roots = load_pem_x509_certificates(settings.timestamp_roots.read_bytes())
        except (OSError, ValueError):
            raise RefusedToStart(
                "CONSENT_TIMESTAMP_ROOTS must name a file of certificates (PEM)"
            ) from None
    return Stamper(
        clock,
        Calls(allowed=settings.callable),
        settings.timestamp_urls,
        timedelta(minutes=settings.timestamp_minutes),
        roots,
    )
