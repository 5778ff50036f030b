"""Bad weather: what a network or a server may do to our script and to a decision on its way."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Error

from consent_server.clock import system_clock
from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Route

_PORTAL: Final = "<!doctype html><title>Wi-Fi</title><form>Password</form>"


def _refused(route: Route) -> None:
    route.abort("connectionrefused")


def _reset(route: Route) -> None:
    route.abort("connectionreset")


def _silent(_: Route) -> None:
    """Take the request and never answer: longer than anybody waits."""


def _answering(**more: Any) -> Callable[[Route], None]:
    return lambda route: route.fulfill(
        headers={**_headers(route), **more.pop("headers", {})}, **more
    )


def _headers(route: Route) -> dict[str, str]:
    origin = route.request.headers.get("origin", "*")
    return {"Access-Control-Allow-Origin": origin, "Cache-Control": "no-store"}


def _truncated(route: Route) -> None:
    answer = route.fetch()
    body = answer.body()
    # Whatever the server did with it, half of an answer is all that arrives.
    headers = {**answer.headers, "cache-control": "no-store"}
    # Whoever asked may have left the page meanwhile, or waits no more: nothing arrives then.
    with suppress(Error):
        route.fulfill(response=answer, body=body[: len(body) // 2], headers=headers)


def _wrong_type(route: Route) -> None:
    answer = route.fetch()
    headers = {
        **answer.headers,
        "cache-control": "no-store",
        "content-type": "text/html",
        "x-content-type-options": "nosniff",
    }
    route.fulfill(response=answer, body=answer.body(), headers=headers)


WEATHER: Final[dict[str, Callable[[Route], None]]] = {
    "refused": _refused,
    "reset": _reset,
    "hanging": _silent,
    "500": _answering(status=500, body="Internal Server Error", content_type="text/plain"),
    "429": _answering(status=429, body="{}", content_type="application/problem+json"),
    "empty": _answering(status=200, body="", content_type="text/javascript"),
    "truncated": _truncated,
    "wrong type": _wrong_type,
    "a hotel's portal": _answering(status=200, body=_PORTAL, content_type="text/html"),
}
# What the browser then says of its own accord.
COMPLAINTS: Final = (
    "net::ERR_",
    "the server responded with a status of",
    "Refused to execute script",
    "SyntaxError",
    "Invalid or unexpected token",
    "Unexpected end of input",
    "Unexpected token",
    "missing )",
    "Unterminated",
)


@contextmanager
def expired(folder: Path) -> Iterator[str]:
    """Run a server whose certificate ended yesterday; gives its address."""
    port = free_port()
    server = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_ended_yesterday(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://localhost:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _ended_yesterday(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = system_clock()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    file = folder / "expired.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def storm(context: BrowserContext, address: str, kind: str) -> None:
    """Let this weather fall on an address until `calm`."""
    context.route(address, WEATHER[kind])


def calm(context: BrowserContext, address: str) -> None:
    """Let everything through again."""
    context.unroute(address)
