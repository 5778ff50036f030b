"""Asking another server about a whole list, and believing only an answer that is whole."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import httpx

from ...problems import Problem
from .csv_format import MEDIA as CSV
from .ndjson_format import MEDIA as NDJSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .order import Order

_CLEARANCE: Final = "Consent-Clearance"
_TIMEOUT: Final = httpx.Timeout(600, connect=10)


class NotWhole(Problem):
    """The server did not answer to the end."""

    status = HTTPStatus.BAD_GATEWAY
    code = "not_whole"
    title = "The server did not answer the whole list"


class Asked:
    """A list that is being answered by another server."""

    def __init__(self, client: httpx.Client, response: httpx.Response) -> None:
        self._client = client
        self._response = response
        self._answered = hashlib.sha256()

    def answer(self) -> Iterator[bytes]:
        """Give the answer as it comes; raises `NotWhole` if it breaks off."""
        try:
            for block in self._response.iter_bytes():
                self._answered.update(block)
                yield block
        except httpx.HTTPError as error:
            raise NotWhole(f"it broke off ({type(error).__name__}): ask again") from None

    def clearance(self) -> dict[str, Any]:
        """Fetch the clearance, and compare it with what was answered."""
        name = self._response.headers.get(_CLEARANCE, "")
        found = self._client.get(f"/v1/clearances/{name}")
        if found.status_code != HTTPStatus.OK:
            raise NotWhole("it gave no clearance: ask again")
        clearance: dict[str, Any] = found.json()
        table = self._response.headers["Content-Type"].startswith(CSV)
        if table and clearance["answer_sha256"] != self._answered.hexdigest():
            raise NotWhole("what came is not what it answered: ask again")
        return clearance


@contextmanager
def ask_server(url: str, key: str, order: Order, question: Iterator[bytes]) -> Iterator[Asked]:
    """Send a list to a server; a refusal is told in the server's own words."""
    headers = {"Authorization": f"Bearer {key}"}
    sent = {"Content-Type": CSV if order.csv_in else NDJSON}
    names = ("purpose", "channel", "only", "delimiter", "identifier", "column")
    query = {name: getattr(order, name) for name in names if getattr(order, name)}
    with httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT) as client:
        try:
            with client.stream(
                "POST", "/v1/permissions/bulk", params=query, headers=sent, content=question
            ) as response:
                if response.status_code != HTTPStatus.OK:
                    response.read()
                    raise _refusal(response)
                yield Asked(client, response)
        except httpx.HTTPError as error:
            raise NotWhole(f"it cannot be reached ({type(error).__name__})") from None


def _refusal(response: httpx.Response) -> Problem:
    try:
        told = response.json()
        detail = told.get("detail") or told.get("title") or ""
    except ValueError:
        detail = ""
    return NotWhole(f"it says {response.status_code}: {detail}")
