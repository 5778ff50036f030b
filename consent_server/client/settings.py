"""Where the clients call, with what, and how long they try."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from .exchange import Came, exchange

if TYPE_CHECKING:
    import httpx

    from .exchange import Call, Exchange, Send
    from .snapshot import Snapshot

T = TypeVar("T")

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_AGENT: Final = "ConsentClient/1"


class Settings:
    """Where to call, with what, and how long to try; shows the key to nobody."""

    def __init__(
        self, address: str, key: str, *, timeout: float = 5.0, patience: float = 15.0
    ) -> None:
        found = urlsplit(address)
        if found.scheme != "https" and found.hostname not in _LOOPBACK:
            raise ValueError(
                "the address must begin with https://, or the key would travel open"
            )
        if not key.startswith(("cs_live_", "cs_test_")) or not key.isascii():
            raise ValueError("a key begins with cs_live_ or cs_test_")
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "User-Agent": _AGENT}
        self._timeout, self._patience = timeout, patience
        self._snapshots: dict[str, Snapshot] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._address!r})"

    def rely_on(self, snapshot: Snapshot) -> None:
        """Answer from a snapshot where no answer comes; a newer one takes its place."""
        self._snapshots[snapshot.purpose] = snapshot

    def begin(self, call: Call[T]) -> Exchange[T]:
        """Begin a call, which says step by step what to send and how long to wait."""
        return exchange(
            call, patience=self._patience, timeout=self._timeout, clock=time.monotonic
        )

    def request(self, step: Send) -> dict[str, Any]:
        """Give a step as the arguments of httpx's `request`."""
        return {
            "method": step.method,
            "url": self._address + step.path,
            "params": dict(step.query),
            "headers": {**self._headers, **step.headers},
            "content": step.content,
            "timeout": step.timeout,
        }


def came_of(answer: httpx.Response) -> Came:
    """Give an answer of httpx as a call takes it."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Came(answer.status_code, headers, answer.content)
