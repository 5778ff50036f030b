"""An organisation into which files are imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.support.ground import ground as ground

if TYPE_CHECKING:
    from tests.support.ground import Ground
    from tests.support.house import House


@dataclass
class Desk:
    """Imports as a system would ask for them."""

    house: House

    def send(
        self, text: str | bytes, *, status: int = 200, media: str = "text/csv", **query: str
    ) -> Any:
        """Send a file; a dry run unless told; gives the answer's JSON."""
        told = {"source": "old-tool", **query}
        answer = self.house.client.post(
            f"/v1/imports?{urlencode({k: v for k, v in told.items() if v})}",
            data=text,
            headers={**self.house.headers, "Content-Type": media},
        )
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()

    def apply(self, text: str | bytes, **query: Any) -> Any:
        """Send a file and carry it over."""
        return self.send(text, dry_run="false", **query)

    def errors(self, done: Any) -> list[str]:
        """Read the errors file of an import: its lines, without the header."""
        answer = self.house.get(f"/v1/imports/{done['id']}/errors")
        assert answer.status_code == 200
        return answer.get_data(as_text=True).splitlines()[1:]


@pytest.fixture
def desk(house: House) -> Desk:
    """Give the desk of an organisation of this test's own."""
    return Desk(house)


@pytest.fixture(scope="module")
def lasting(ground: Ground) -> Desk:
    """Give a desk that the tests of a module share: they name people of their own."""
    return Desk(ground.ours)


def counts(done: Any) -> tuple[int, int, int, int]:
    """Give rows, new, unchanged, refused."""
    return done["rows"], done["new"], done["unchanged"], done["refused"]


def reasons(done: Any) -> dict[str, list[int]]:
    """Give the lines of the refused rows by reason."""
    return {each["code"]: each["lines"] for each in done["reasons"]}
