"""What comes of a call to an address that somebody else chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class CallFailed(Exception):
    """The call has no answer; `reason` is one word for the log, without the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """What came back: the status, its headers in lower case, and what was read of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
