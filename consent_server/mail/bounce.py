"""Mail that came back: a report's Message-ID leads to the message, and to whom it was for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql
from .compose import number_of

if TYPE_CHECKING:
    from ..db import Transaction

_BOUNCE: Final = Sql(
    "UPDATE mail_message SET state = 'bounced', outcome = 'bounced'"
    " WHERE organisation_id = :organisation AND id = :id AND state IN ('sent', 'bounced')"
    " RETURNING recipient_hash, key_version"
)


def bounced(tx: Transaction, organisation: int, name: str) -> tuple[bytes, int] | None:
    """Keep that a message came back; gives the keyed hash of its recipient, and its version.

    None for a message of others, or one that is forgotten.
    """
    number = number_of(name)
    if number is None:
        return None
    rows = tx.run(_BOUNCE, {"organisation": organisation, "id": number})
    return (bytes(rows[0][0]), int(rows[0][1])) if rows else None
