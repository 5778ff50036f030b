"""What a pixel or a link in a message holds: whom, which campaign, and where it leads.

Sealed under a key of the server's own, so that nobody learns whom it names, and nobody
makes one that leads elsewhere: a redirect is never open.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...db import to_json
from ...keyring import CannotOpen, seal, unseal
from ...web import current, strict_json

if TYPE_CHECKING:
    from ...keyring import OrganisationKeys

OPENED: Final = "opened"
CLICKED: Final = "clicked"
_USE: Final = "tracking"


@dataclass(frozen=True)
class Mark:
    """What a token says."""

    organisation: int
    kind: str
    hashes: tuple[bytes, ...]
    campaign: str
    # Of a click; an open leads nowhere.
    target: str | None = None

    @property
    def what(self) -> str:
        """Name what it counts."""
        return CLICKED if self.target else OPENED


def write_mark(
    keys: OrganisationKeys, kind: str, match: str, campaign: str, target: str | None
) -> str:
    """Write a token for an identifier, known or not: nothing is asked and nothing written."""
    versions = sorted(keys.index_keys, reverse=True)
    told = {
        "o": str(keys.organisation),
        "k": kind,
        "h": [base64.b64encode(keys.index(kind, match, each)).decode() for each in versions],
        "c": campaign,
        **({"t": target} if target else {}),
    }
    sealed = seal(current.keyring().derive(_USE), to_json(told).encode(), _USE.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def read_mark(text: str) -> Mark | None:
    """Read a token; None for one that is not ours, or was changed."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        plain = unseal(current.keyring().derive(_USE), sealed, _USE.encode())
    except (CannotOpen, ValueError):
        return None
    told = strict_json.parse(plain)
    return Mark(
        organisation=int(told["o"]),
        kind=told["k"],
        hashes=tuple(base64.b64decode(each) for each in told["h"]),
        campaign=told["c"],
        target=told.get("t"),
    )
