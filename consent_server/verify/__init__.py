"""Checks a proof file with the log's public key and nothing else of ours.

This package stands alone, on purpose: it imports nothing of the server, shares no code
with it and needs no network, no database and no settings, so that it is a second opinion.
"""

from consent_server.verify.bundle import FORMAT
from consent_server.verify.check import verify_bundle
from consent_server.verify.dispute import verify_dispute
from consent_server.verify.keys import BadKeyError, Key, parse_key
from consent_server.verify.verdict import (
    BadAuthorityError,
    Finding,
    Place,
    Refused,
    Sort,
    Verdict,
)
from consent_server.verify.words import LANGUAGES

__all__ = [
    "FORMAT",
    "LANGUAGES",
    "BadAuthorityError",
    "BadKeyError",
    "Finding",
    "Key",
    "Place",
    "Refused",
    "Sort",
    "Verdict",
    "parse_key",
    "verify_bundle",
    "verify_dispute",
]
