"""Calls to addresses that others chose: checked, pinned, bounded."""

from .addresses import Destination, RefusedAddress, is_public, read_url
from .calls import Answer, CallFailed, Calls
from .servers import connect_server, read_server

__all__ = [
    "Answer",
    "CallFailed",
    "Calls",
    "Destination",
    "RefusedAddress",
    "connect_server",
    "is_public",
    "read_server",
    "read_url",
]
