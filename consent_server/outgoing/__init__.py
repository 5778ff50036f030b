"""Calls to addresses that others chose: checked, pinned, bounded."""

from .addresses import Destination, RefusedAddress, is_public, read_url
from .calls import Answer, CallFailed, Calls

__all__ = [
    "Answer",
    "CallFailed",
    "Calls",
    "Destination",
    "RefusedAddress",
    "is_public",
    "read_url",
]
