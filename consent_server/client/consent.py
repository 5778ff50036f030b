"""The client that waits for its answers; `async_consent.py` is the same one for `async`."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from . import calls
from .errors import Unavailable
from .exchange import Came, Send
from .settings import Settings, came_of
from .snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .calls import Subject
    from .exchange import Call
    from .values import Event, Link, Permission, Recorded

T = TypeVar("T")


class Consent(Settings):
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
        kept = self._snapshots.get(purpose)
        asked = calls.may(subject, purpose, channel, clearance=clearance, snapshot=kept)
        return self._do(asked)

    def take_snapshot(self, purpose: str, *, max_age: int = 3600) -> Snapshot:
        """Take who may be written to for a purpose, to rely on while the server is away.

        Raises `Unavailable`, or `ValueError` if it is not whole and signed by the server.
        """
        said = {"purpose": purpose, "max_age": max_age}
        try:
            keys = self._http.get(f"{self._address}/.well-known/jwks.json").raise_for_status()
            answer = self._http.post(
                f"{self._address}/v1/permissions/snapshot", json=said, headers=self._headers
            ).raise_for_status()
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Unavailable("no snapshot came") from error
        return Snapshot.read(answer.content, keys.json())

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
        """Ask for up to ten thousand links, in order."""
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
            found, after = self._do(calls.page(after, wait if follow else 0))
            yield from found
            if not found and not follow:
                return

    def _do(self, call: Call[T]) -> T:
        steps = self.begin(call)
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
            return came_of(self._http.request(**self.request(step)))
        return Came(None)


def _slept(seconds: float) -> Came:
    time.sleep(seconds)
    return Came(None)
