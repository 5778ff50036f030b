"""One call with its retries, without a socket: the same for both kinds of client.

A call is a generator. It yields a `Send` and is given what came of it, or a `Sleep`; it
returns the answer's JSON, or raises. What is sent again is byte for byte the same, under
the same Idempotency-Key, so that nothing is done twice.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from .errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

# The server, or what stands before it, is in trouble or busy: the same call may succeed.
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_FIRST_SECONDS: Final = 0.1
_LONGEST_SECONDS: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """What to ask, how to read the answer, and what to say if there is none."""

    method: str
    path: str
    read: Callable[[Any], T]
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str | int] = field(default_factory=dict)
    # A write whose retry the server knows by its Idempotency-Key.
    once: bool = False
    # Instead of an error; without it errors are raised.
    in_doubt: Callable[[str], T] | None = None
    # The same where no answer came at all: the server is away.
    away: Callable[[str], T] | None = None
    # Seconds of which the server may take for itself, beside its time to answer.
    wait: float = 0.0


@dataclass(frozen=True)
class Send:
    """Send this now, and give up after so many seconds."""

    method: str
    path: str
    query: Mapping[str, str | int]
    headers: Mapping[str, str]
    content: bytes | None
    timeout: float


@dataclass(frozen=True)
class Sleep:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Came:
    """An answer, or None for its status when none came."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


Step = Send | Sleep
Exchange = Generator[Step, Came, T]


def exchange(
    call: Call[T], *, patience: float, timeout: float, clock: Callable[[], float]
) -> Exchange[T]:
    """Carry out a call within `patience` seconds; every single try ends after `timeout`."""
    try:
        return call.read((yield from _answer(call, patience, timeout, clock)))
    except (Refused, Unavailable) as error:
        if call.away is not None and isinstance(error, Unavailable):
            return call.away(str(error))
        if call.in_doubt is None:
            raise
        return call.in_doubt(str(error))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # An answer that cannot be read is none: a proxy's page, a server that is another.
        if call.in_doubt is None:
            raise Unavailable("the answer cannot be read") from error
        return call.in_doubt("the answer cannot be read")


def _answer(
    call: Call[T], patience: float, timeout: float, clock: Callable[[], float]
) -> Generator[Step, Came, Any]:
    until = clock() + patience + call.wait
    content = None if call.body is None else json.dumps(call.body).encode()
    headers = {"Accept": "application/json"}
    if content is not None:
        headers["Content-Type"] = "application/json"
    if call.once:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    number = 0
    while True:
        left = max(0.001, until - clock())
        seconds = min(timeout + call.wait, left)
        came = yield Send(call.method, call.path, call.query, dict(headers), content, seconds)
        if came.status is not None and 200 <= came.status < 300:
            return json.loads(came.content) if came.content else None
        if came.status is not None and came.status not in _PASSING:
            raise Refused(came.status, _problem(came))
        pause = _pause(number, came)
        if clock() + pause >= until:
            raise Unavailable(_trouble(came))
        yield Sleep(pause)
        number += 1


def _pause(number: int, came: Came) -> float:
    backoff = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(number, 16))
    # Spread, so that many clients do not come back at one moment. Never sooner than asked.
    spread = backoff * (0.5 + random.random() / 2)  # noqa: S311 - jitter, not a secret
    wish = came.headers.get("retry-after", "")
    return max(spread, float(wish)) if wish.isascii() and wish.isdecimal() else spread


def _problem(came: Came) -> Mapping[str, Any]:
    try:
        found = json.loads(came.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _trouble(came: Came) -> str:
    if came.status is None:
        return "no answer came"
    code = _problem(came).get("code")
    return f"the server answered {came.status}" + (f" ({code})" if code else "")
