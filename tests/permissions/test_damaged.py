"""A damaged database is a no with a reason, never an answer guessed from what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.db import db

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.house import House

ADA = {"email": "ada.lindqvist@people.example"}
_PAGE = 4096


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_damaged_file_is_a_503_with_a_reason(house: House, database: Database) -> None:
    house.tell(ADA)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()
    path = database.url.removeprefix("sqlite:///")
    with open(path, "r+b") as file:
        size = file.seek(0, 2)
        file.seek(_PAGE)
        file.write(b"\xa5" * (size - _PAGE))
    answer = house.post("/v1/permissions", {"subject": ADA, "purpose": "newsletter"})
    assert answer.status_code == 503, answer.get_data(as_text=True)
    told = answer.get_json()
    assert told["allowed"] is False
    assert told["because"] == "unavailable"
