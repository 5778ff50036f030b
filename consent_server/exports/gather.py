"""What is exported, batch by batch, in the order of its ids: memory stays flat.

Each batch is a read of its own, so that no export holds a database's old pages for hours;
what is recorded after the export began is left out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..clock import rfc3339_micros
from ..db import read
from ..outbox.events import page
from .decisions import decisions
from .subjects import subjects
from .wanted import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..keyring import OrganisationKeys
    from .wanted import Row, Wanted


def batches(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    """Give what is wanted, batch by batch."""
    return _GATHERERS[wanted.what](keys, wanted)


def _events(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    after, span = 0, wanted.span
    first = rfc3339_micros(max(0, span["since"]))
    last = rfc3339_micros(span["until"])
    while True:
        with read(keys.organisation) as tx:
            found = page(tx, keys, after, MOST)
        if not found["events"]:
            return
        after = found["next"]
        yield [
            event
            for event in found["events"]
            if first <= event["recorded_at"] < last
            and wanted.purpose in {None, event["purpose"]}
        ]


_GATHERERS: Final[
    Mapping[str, Callable[[OrganisationKeys, Wanted], Iterator[Sequence[Row]]]]
] = {"decisions": decisions, "subjects": subjects, "events": _events}
