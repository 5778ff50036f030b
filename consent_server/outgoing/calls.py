"""Calling an address somebody else chose: resolved once, checked, pinned, and bounded.

The name is resolved by us, every address it has is checked, and the connection goes to a
checked one, so that a name which answers differently a moment later (rebinding) gains
nothing. Nothing is followed, no proxy of the environment is used, and a receiver that
sends a byte a minute meets one deadline for the whole call (standards.md SSRF-2).
"""

from __future__ import annotations

import contextlib
import ssl
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import httpcore

from .addresses import read_url
from .servers import addresses_of
from .values import Answer, CallFailed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# Read of one answer in all: its headers count too.
MOST_BYTES: Final = 64 * 1024
_IDLE_SECONDS: Final = 20


@dataclass
class _Bounds:
    """How long the call under way may still take, and how much may still be read."""

    until: float = 0.0
    bytes_left: int = 0

    def left(self, wanted: float | None) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if wanted is None else min(left, wanted)

    def take(self, data: bytes) -> bytes:
        self.bytes_left -= len(data)
        if self.bytes_left < 0:
            raise httpcore.ReadError("too much")
        return data


class _Stream(httpcore.NetworkStream):
    """A connection under the bounds of the call that uses it."""

    def __init__(self, inner: httpcore.NetworkStream, bounds: _Bounds) -> None:
        self._inner = inner
        self._bounds = bounds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._bounds.take(self._inner.read(max_bytes, self._bounds.left(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._bounds.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._bounds.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._bounds)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Checked(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and to no other."""

    def __init__(self, bounds: _Bounds) -> None:
        self._bounds = bounds
        self._plain = httpcore.SyncBackend()
        self.allowed = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port):
            try:
                left = self._bounds.left(timeout)
                stream = self._plain.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _Stream(stream, self._bounds)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            return addresses_of(host, port, allowed=self.allowed)
        except OSError as error:
            raise httpcore.ConnectError("unknown name") from error


@cache
def _context() -> ssl.SSLContext:
    # Reading every authority there is takes forty milliseconds of the processor: once.
    return httpcore.default_ssl_context()


@dataclass
class Calls:
    """Calls from one thread; keeps connections open between them.

    `seconds` bounds a whole call, from the first packet to the last byte of the answer.
    """

    seconds: float = 10.0
    allowed: Collection[str] = ()
    context: ssl.SSLContext = field(default_factory=_context)

    def __post_init__(self) -> None:
        self._bounds = _Bounds()
        self._backend = _Checked(self._bounds)
        self._pool = httpcore.ConnectionPool(
            ssl_context=self.context,
            max_connections=1,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=self._backend,
        )

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post bytes and give the answer, whatever its status.

        Raises `RefusedAddress` for an address we do not call, `CallFailed` without answer.
        """
        to = read_url(url, allowed=self.allowed)
        self._bounds.until = time.monotonic() + self.seconds
        self._bounds.bytes_left = MOST_BYTES
        self._backend.allowed = to.allowed
        scheme = b"https" if to.secure else b"http"
        try:
            with self._pool.stream(
                "POST",
                httpcore.URL(
                    scheme=scheme,
                    host=to.host.encode(),
                    port=to.port,
                    target=to.target.encode(),
                ),
                headers=[("Host", to.authority), *headers.items()],
                content=body,
                extensions={"timeout": {"pool": self.seconds}},
            ) as response:
                return Answer(response.status, _texts(response.headers), _beginning(response))
        except httpcore.TimeoutException as error:
            raise CallFailed("timeout") from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise CallFailed("not_http") from error
        except (httpcore.NetworkError, ssl.SSLError) as error:
            raise CallFailed(_kind(error)) from error

    def close(self) -> None:
        """Close what is still open."""
        with contextlib.suppress(httpcore.NetworkError):
            self._pool.close()


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in headers}


def _beginning(response: httpcore.Response) -> bytes:
    body = bytearray()
    # The status has been said: an answer too long or too slow to finish is still that one.
    with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException):
        for piece in response.iter_stream():
            body += piece
    return bytes(body)


def _kind(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(error, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return "certificate"
    if "too much" in str(error):
        return "too_long"
    return "unreachable"
