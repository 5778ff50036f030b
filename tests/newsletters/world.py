"""What the tests of links share: one link, its page, and the whole database to compare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from consent_server.db import Base, Sql, read

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.house import House

ADA = {"email": "ada.lindqvist@people.example"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def link(house: House, subject: dict[str, Any] = ADA, purpose: str = "newsletter") -> str:
    """Make a link; gives its path."""
    answer = house.post("/v1/unsubscribe-links", {"subject": subject, "purpose": purpose})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(urlsplit(answer.get_json()["url"]).path)


def open_page(house: House, path: str, language: str = "en") -> str:
    """Open a page as a browser does, without a cookie or a key."""
    answer = house.client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def press(
    house: House, path: str, page: str, confirm: str = "1", language: str = "en"
) -> TestResponse:
    """Press the button that a page offered."""
    hidden = rf'name="confirm" value="{confirm}">\s*<input type="hidden" name="page"'
    found = re.search(rf'{hidden} value="([^"]+)"', page)
    assert found, page
    return house.client.post(
        path,
        data={"confirm": confirm, "page": found[1]},
        headers={"Accept-Language": language},
    )


def dump(house: House) -> dict[str, list[Any]]:
    """Give every row of every table that this organisation can see."""
    with read(house.organisation) as tx:
        return {
            name: sorted(map(repr, tx.run(Sql(f"SELECT * FROM {name}"))))
            for name in sorted(Base.metadata.tables)
        }


def count(house: House, table: str) -> int:
    """Count the rows of a table."""
    with read(house.organisation) as tx:
        return int(tx.run(Sql(f"SELECT COUNT(*) FROM {table}"))[0][0])
