"""The two clients, one that waits and one for `async`; they differ in nothing else."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from . import calls
from .exchange import Came, Send, exchange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

    from .calls import Subject
    from .exchange import Call, Exchange
    from .values import Event, Link, Permission, Recorded

T = TypeVar("T")

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PAGE: Final = 500
_AGENT: Final = "ConsentClient/1"


class _Settings:
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

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._address!r})"

    def _begin(self, call: Call[T]) -> Exchange[T]:
        return exchange(
            call, patience=self._patience, timeout=self._timeout, clock=time.monotonic
        )

    def _request(self, step: Send) -> dict[str, Any]:
        return {
            "method": step.method,
            "url": self._address + step.path,
            "params": dict(step.query),
            "headers": {**self._headers, **step.headers},
            "content": step.content,
            "timeout": step.timeout,
        }


def _came(answer: httpx.Response) -> Came:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Came(answer.status_code, headers, answer.content)


class Consent(_Settings):
    """A client that waits for its answers; may be shared by threads."""

    def __init__(
        self, address: str, key: str, *, timeout: float = 5.0, patience: float = 15.0
    ) -> None:
        """Call the server at `address` with a key.

        Every single try ends after `timeout` seconds, a call with all its retries after
        `patience`.
        """
        super().__init__(address, key, timeout=timeout, patience=patience)
        self._http = httpx.Client(follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def may(
        self,
        subject: Subject,
        purpose: str,
        *,
        channel: str | None = None,
        clearance: bool = False,
    ) -> Permission:
        """May this person be contacted for this? Whatever goes wrong is a no."""
        return self._do(calls.may(subject, purpose, channel, clearance=clearance))

    def may_each(self, subject: Subject, purposes: Sequence[str]) -> dict[str, Permission]:
        """Ask about several purposes at once; whatever goes wrong is a no to each."""
        return self._do(calls.may_each(subject, purposes))

    def decide(
        self,
        subject: Subject,
        choices: Mapping[str, str],
        *,
        source: str,
        assertion: str = "witnessed",
        **more: Any,
    ) -> Recorded:
        """Record what a person said: `{"newsletter": "granted"}` or `"refused"`.

        `more` is as the API has it: notice_version, evidence, decided_at, previous, actor …
        """
        return self._do(
            calls.decide(subject, choices, source=source, assertion=assertion, **more)
        )

    def know(self, identifiers: Iterable[Mapping[str, Any]], source: str, **facts: Any) -> str:
        """Record facts about a person; gives the subject's id."""
        return self._do(calls.know(identifiers, source, **facts))

    def unsubscribe_link(self, subject: Subject, purpose: str) -> Link:
        """Ask for the link, and the headers, that go into one message."""
        return self.unsubscribe_links([(subject, purpose)])[0]

    def unsubscribe_links(self, wanted: Iterable[tuple[Subject, str]]) -> list[Link]:
        """Ask for up to a thousand links, in order."""
        return self._do(calls.unsubscribe_links(wanted))

    def suppress(self, subject: Subject, scope: str, *, reason: str | None = None) -> None:
        """Stop all contact for `marketing`, `channel:email` or `purpose:<slug>`."""
        self._do(calls.suppress(subject, scope, reason))

    def touch(self, subject: Subject, kind: str, *, source: str, at: str | None = None) -> None:
        """Note that the person was in contact: `order`, `reply`, `call` or `click`."""
        self._do(calls.touch(subject, kind, source, at))

    def attempt(
        self,
        subject: Subject,
        channel: str,
        *,
        source: str,
        at: str | None = None,
        outcome: str | None = None,
    ) -> None:
        """Note that the organisation tried to reach the person, and with what outcome."""
        self._do(calls.attempt(subject, channel, source, at, outcome))

    def events(
        self, after: int = 0, *, follow: bool = False, wait: int = 20
    ) -> Iterator[Event]:
        """Read the events that follow a number; with `follow`, for ever.

        Keep the `seq` of the last one you have dealt with, and begin from it next time.
        """
        while True:
            found, after = self._do(calls.page(after, _PAGE, wait if follow else 0))
            yield from found
            if not found and not follow:
                return

    def _do(self, call: Call[T]) -> T:
        steps = self._begin(call)
        came: Came | None = None
        try:
            while True:
                step = next(steps) if came is None else steps.send(came)
                came = self._take(step) if isinstance(step, Send) else _slept(step.seconds)
        except StopIteration as end:
            value: T = end.value
            return value

    def _take(self, step: Send) -> Came:
        with suppress(httpx.HTTPError, httpx.StreamError):
            return _came(self._http.request(**self._request(step)))
        return Came(None)


def _slept(seconds: float) -> Came:
    time.sleep(seconds)
    return Came(None)


class AsyncConsent(_Settings):
    """The same client for `async` programs."""

    def __init__(
        self, address: str, key: str, *, timeout: float = 5.0, patience: float = 15.0
    ) -> None:
        """As `Consent` does."""
        super().__init__(address, key, timeout=timeout, patience=patience)
        self._http = httpx.AsyncClient(follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def may(
        self,
        subject: Subject,
        purpose: str,
        *,
        channel: str | None = None,
        clearance: bool = False,
    ) -> Permission:
        """As `Consent.may`."""
        return await self._do(calls.may(subject, purpose, channel, clearance=clearance))

    async def may_each(
        self, subject: Subject, purposes: Sequence[str]
    ) -> dict[str, Permission]:
        """As `Consent.may_each`."""
        return await self._do(calls.may_each(subject, purposes))

    async def decide(
        self,
        subject: Subject,
        choices: Mapping[str, str],
        *,
        source: str,
        assertion: str = "witnessed",
        **more: Any,
    ) -> Recorded:
        """As `Consent.decide`."""
        return await self._do(
            calls.decide(subject, choices, source=source, assertion=assertion, **more)
        )

    async def know(
        self, identifiers: Iterable[Mapping[str, Any]], source: str, **facts: Any
    ) -> str:
        """As `Consent.know`."""
        return await self._do(calls.know(identifiers, source, **facts))

    async def unsubscribe_link(self, subject: Subject, purpose: str) -> Link:
        """As `Consent.unsubscribe_link`."""
        return (await self.unsubscribe_links([(subject, purpose)]))[0]

    async def unsubscribe_links(self, wanted: Iterable[tuple[Subject, str]]) -> list[Link]:
        """As `Consent.unsubscribe_links`."""
        return await self._do(calls.unsubscribe_links(wanted))

    async def suppress(
        self, subject: Subject, scope: str, *, reason: str | None = None
    ) -> None:
        """As `Consent.suppress`."""
        await self._do(calls.suppress(subject, scope, reason))

    async def touch(
        self, subject: Subject, kind: str, *, source: str, at: str | None = None
    ) -> None:
        """As `Consent.touch`."""
        await self._do(calls.touch(subject, kind, source, at))

    async def attempt(
        self,
        subject: Subject,
        channel: str,
        *,
        source: str,
        at: str | None = None,
        outcome: str | None = None,
    ) -> None:
        """As `Consent.attempt`."""
        await self._do(calls.attempt(subject, channel, source, at, outcome))

    async def events(
        self, after: int = 0, *, follow: bool = False, wait: int = 20
    ) -> AsyncIterator[Event]:
        """As `Consent.events`."""
        while True:
            found, after = await self._do(calls.page(after, _PAGE, wait if follow else 0))
            for event in found:
                yield event
            if not found and not follow:
                return

    async def _do(self, call: Call[T]) -> T:
        steps = self._begin(call)
        came: Came | None = None
        try:
            while True:
                step = next(steps) if came is None else steps.send(came)
                if isinstance(step, Send):
                    came = await self._take(step)
                else:
                    await asyncio.sleep(step.seconds)
                    came = Came(None)
        except StopIteration as end:
            value: T = end.value
            return value

    async def _take(self, step: Send) -> Came:
        with suppress(httpx.HTTPError, httpx.StreamError):
            return _came(await self._http.request(**self._request(step)))
        return Came(None)
