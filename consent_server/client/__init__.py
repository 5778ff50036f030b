"""The client: ask before you send, tell what people said, follow what changes.

Stands alone: it needs httpx and nothing of the server.

    with Consent("https://consent.example", key) as consent:
        if consent.may({"email": address}, "newsletter"):
            send(...)

A question that cannot be answered is a no: `may` never raises for trouble on the way.
"""

from .async_consent import AsyncConsent
from .consent import Consent
from .errors import ConsentError, Refused, Unavailable
from .snapshot import Snapshot
from .values import Event, Link, Permission, Recorded

__all__ = [
    "AsyncConsent",
    "Consent",
    "ConsentError",
    "Event",
    "Link",
    "Permission",
    "Recorded",
    "Refused",
    "Snapshot",
    "Unavailable",
]
