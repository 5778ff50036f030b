"""What is sent: the event, thin (WH-2): ids only, nothing that names a person."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import ledger
from ..clock import rfc3339_micros
from ..db import to_json
from ..ids import public
from ..outbox.events import event_id
from .hooks import PREFIX
from .rules import TEST

if TYPE_CHECKING:
    from ..db import Transaction
    from .hooks import Hook

# The organisation's own names for people stay in the feed, behind a key: a receiver's
# log is not ours to guard.
_MEMBERS: Final = ("subject", "purpose", "channel", "standing", "because", "decision")


class Message(NamedTuple):
    """A message: its id, the same at every try, its type, and its body."""

    id: str
    type: str
    body: bytes


def message_of(tx: Transaction, hook: Hook, seq: int) -> Message | None:
    """Write the message for a number in the feed, or for a test; None if it is no more."""
    if seq < 0:
        return _test(hook, seq)
    found = ledger.feed(tx, hook.organisation, seq - 1, 1)
    if not found or found[0].seq != seq:
        return None
    event = found[0]
    name = event_id(hook.organisation, event)
    told = {key: value for key, value in event.payload.items() if key != "type"}
    data = {"id": name, "seq": seq, **dict.fromkeys(_MEMBERS), **told}
    return _message(name, event.payload["type"], event.recorded_at, data)


def _test(hook: Hook, seq: int) -> Message:
    digest = hashlib.sha256(f"{hook.organisation}|{hook.id}|{seq}".encode()).digest()
    name = public("evt", (int.from_bytes(digest[:8]) >> 1) or 1)
    return _message(name, TEST, None, {"id": name, "webhook": public(PREFIX, hook.id)})


def _message(name: str, kind: str, recorded_at: int | None, data: dict[str, Any]) -> Message:
    told = {
        "type": kind,
        **({"timestamp": rfc3339_micros(recorded_at)} if recorded_at else {}),
        "data": data,
    }
    return Message(name, kind, to_json(told).encode())
