"""Bad weather: what a network or a server may do to our script and to a decision on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

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


def storm(context: BrowserContext, address: str, kind: str) -> None:
    """Let this weather fall on an address until `calm`."""
    context.route(address, WEATHER[kind])


def calm(context: BrowserContext, address: str) -> None:
    """Let everything through again."""
    context.unroute(address)
