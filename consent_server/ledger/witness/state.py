"""How our witnesses stand: how far each has cosigned, and what still waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...db import read
from ..signer import MAIN_LOG
from ..stored import read_head
from .ask import addresses
from .kept import last_of

if TYPE_CHECKING:
    from ...config import Settings


class WitnessState(NamedTuple):
    """One witness: its key, how far it has cosigned, when, and how many entries wait for it."""

    witness: str
    size: int
    cosigned_at: int | None
    pending: int


def witness_states(settings: Settings) -> list[WitnessState]:
    """Tell how each witness of the settings stands."""
    states = []
    with read() as tx:
        head = read_head(tx, MAIN_LOG)
        for each in addresses(settings):
            last = last_of(tx, head.origin, each.key.vkey) if head else None
            size, at = last or (0, None)
            waits = head.size - size if head else 0
            states.append(WitnessState(each.key.vkey, size, at, waits))
    return states
