"""Things worth looking at first: a receipt, a notice, somebody to ask about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import organisations
from ..db import Sql, read
from ..decisions import receipt_name
from .contacts import NEWSLETTER
from .declare import doors_of
from .people import invent
from .setting import SETTINGS

if TYPE_CHECKING:
    from ..keyring import Keyring

_LATEST: Final = Sql(
    "SELECT id FROM decision WHERE organisation_id = :organisation AND door = 'banner'"
    " ORDER BY recorded_at DESC LIMIT 1"
)


@dataclass(frozen=True, kw_only=True)
class Examples:
    """What `consent demo run` points to."""

    notice: str
    # None while nobody has chosen anything yet.
    receipt: str | None
    # Somebody who subscribed, as arguments of `consent lookup`.
    question: tuple[str, str, str]


def examples(demo: dict[str, Any], keyring: Keyring) -> Examples:
    """Find examples in the first organisation."""
    setting = SETTINGS[0]
    with read() as outside:
        number = organisations.find(outside, setting.slug) or 0
    with read(number) as tx:
        rows = tx.run(_LATEST, {"organisation": number})
    receipt = receipt_name(keyring.derive("receipts"), number, rows[0][0]) if rows else None
    doors = doors_of(setting.slug, demo["organisations"][0]["api_key"])
    return Examples(
        notice=doors.versions[setting.banner],
        receipt=receipt,
        question=(setting.slug, invent(setting, 0).email, NEWSLETTER),
    )
