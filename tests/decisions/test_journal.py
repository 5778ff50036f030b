"""The journal keeps, outside the database, the noes that a restored backup would forget."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from consent_server.config import Settings
    from tests.support.house import House


def lines(settings: Settings) -> list[dict[str, Any]]:
    path: Path = settings.data / "journal" / "noes.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_withdrawal_and_an_objection_are_kept_and_name_nobody(
    house: House, settings: Settings
) -> None:
    ada = {"email": "ada@people.example"}
    house.tell(ada)
    assert lines(settings) == []
    no = {"subject": ada, "source": "mail", "choices": {"newsletter": "refused"}}
    written = house.post("/v1/decisions", no).get_json()
    post = {**no, "choices": {"prospecting.post": "objected"}}
    house.post("/v1/decisions", post)
    first, second = lines(settings)
    assert first["decision"] == written["id"]
    assert list(first["noes"].values()) == ["withdrawn"]
    assert list(second["noes"].values()) == ["objected"]
    assert first["identifiers"] == second["identifiers"]
    path = settings.data / "journal" / "noes.jsonl"
    assert b"ada@" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_first_refusal_needs_no_line(house: House, settings: Settings) -> None:
    house.choose(house.choice("refuse_all"))
    assert lines(settings) == []


def test_a_refusal_through_another_identifier_of_somebody_who_agreed_is_kept(
    house: House, settings: Settings
) -> None:
    ada, phone = {"email": "ada@people.example"}, {"phone": "+33612345678"}
    house.post("/v1/subjects", {"identifiers": [ada, phone], "source": "contract"})
    house.tell(ada)
    # Nobody ever agreed through this phone, but the no undoes what the address allowed.
    no = {"subject": phone, "source": "phone-call", "choices": {"newsletter": "refused"}}
    written = house.post("/v1/decisions", no).get_json()
    assert written["standing"] == {"newsletter": "refused"}
    assert [line["decision"] for line in lines(settings)] == [written["id"]]


def test_a_journal_that_cannot_be_written_is_unavailable_and_nothing_is_recorded(
    house: House, settings: Settings
) -> None:
    ada = {"email": "ada@people.example"}
    house.tell(ada)
    (settings.data / "journal" / "noes.jsonl").mkdir(parents=True)
    no = {"subject": ada, "source": "mail", "choices": {"newsletter": "refused"}}
    answer = house.post("/v1/decisions", no)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert house.why(ada) == "consent"


def test_a_no_behind_a_torn_line_is_a_line_of_its_own(house: House, settings: Settings) -> None:
    ada = {"email": "ada@people.example"}
    no = {"subject": ada, "source": "mail", "choices": {"prospecting.post": "objected"}}
    house.post("/v1/decisions", no)
    path = settings.data / "journal" / "noes.jsonl"
    # What a full disk, or a kill, leaves of a line: it was never acknowledged.
    torn = path.read_bytes()[:-20]
    path.write_bytes(path.read_bytes() + torn)
    written = house.post("/v1/decisions", no)
    assert written.status_code == 201
    *_, left, last = path.read_bytes().splitlines()
    assert left == torn
    assert json.loads(last)["decision"] == written.get_json()["id"]
