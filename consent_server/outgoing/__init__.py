"""Calls to addresses that others chose: checked, pinned, bounded.

`calls` is taken up by whoever calls: a server that does not is spared what speaks HTTP.
"""

from .addresses import Destination, RefusedAddress, is_public, read_url
from .servers import connect_server, read_server
from .values import Answer, CallFailed

__all__ = [
    "Answer",
    "CallFailed",
    "Destination",
    "RefusedAddress",
    "connect_server",
    "is_public",
    "read_server",
    "read_url",
]
