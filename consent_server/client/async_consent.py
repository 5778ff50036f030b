"""The same client for `async` programs; it differs from `consent.py` in nothing else."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from . import calls
from .errors import Unavailable
from .exchange import Came, Send
from .settings import Settings, came_of
from .snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from .calls import Subject
    from .exchange import Call
    from .values import Event, Link, Permission, Recorded

T = TypeVar("T")


class AsyncConsent(Settings):
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
        kept = self._snapshots.get(purpose)
        asked = calls.may(subject, purpose, channel, clearance=clearance, snapshot=kept)
        return await self._do(asked)

    async def take_snapshot(self, purpose: str, *, max_age: int = 3600) -> Snapshot:
        """As `Consent.take_snapshot`."""
        said = {"purpose": purpose, "max_age": max_age}
        try:
            keys = await self._http.get(f"{self._address}/.well-known/jwks.json")
            answer = await self._http.post(
                f"{self._address}/v1/permissions/snapshot", json=said, headers=self._headers
            )
            keys.raise_for_status()
            answer.raise_for_status()
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Unavailable("no snapshot came") from error
        return Snapshot.read(answer.content, keys.json())

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
            found, after = await self._do(calls.page(after, wait if follow else 0))
            for event in found:
                yield event
            if not found and not follow:
                return

    async def _do(self, call: Call[T]) -> T:
        steps = self.begin(call)
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
            return came_of(await self._http.request(**self.request(step)))
        return Came(None)
