"""An organisation takes its records with it: whole, or visibly cut off."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from consent_server.exports.columns import DECISIONS
from consent_server.exports.files import neutral, written

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House

ADA = {"email": "ada@people.example", "phone": "+33612345678"}


def take(house: House, what: str, **query: Any) -> str:
    """Export; gives the file."""
    answer = house.client.get(f"/v1/exports/{what}", query_string=query, headers=house.headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def rows_of(text: str) -> list[dict[str, str]]:
    """Read a CSV file, once its end says that it is whole."""
    *lines, end = text.splitlines()
    rows = list(csv.DictReader(lines))
    assert end == f"# end: {len(rows)} rows"
    return rows


def test_decisions_are_exported_with_what_they_rest_on(house: House, clock: HandClock) -> None:
    house.tell(ADA, evidence="=form 7", assertion="evidenced")
    clock.advance(hours=1)
    house.tell(ADA, choices={"newsletter": "refused", "prospecting.email": "refused"})
    clock.advance(hours=1)
    rows = sorted(rows_of(take(house, "decisions")), key=lambda row: row["recorded_at"])
    assert [(row["purpose"], row["answer"], row["standing"]) for row in rows] == [
        ("newsletter", "granted", "granted"),
        ("newsletter", "refused", "withdrawn"),
        ("prospecting.email", "refused", "refused"),
    ]
    first = rows[0]
    assert (first["email"], first["phone"]) == (ADA["email"], "'+33612345678")
    assert (first["source"], first["evidence"]) == ("website-form", "'=form 7")
    assert first["notice_version"] == house.form
    assert list(first) == list(DECISIONS)


def test_only_what_was_asked_for_leaves(house: House, clock: HandClock) -> None:
    house.tell(ADA)
    noon = clock.advance(hours=1)
    house.tell({"email": "ben@people.example"}, choices={"prospecting.email": "granted"})
    clock.advance(hours=1)
    late = rows_of(take(house, "decisions", since=house.at(noon)))
    assert [row["email"] for row in late] == ["ben@people.example"]
    early = rows_of(take(house, "decisions", until=house.at(noon)))
    assert [row["email"] for row in early] == ["ada@people.example"]
    (one,) = rows_of(take(house, "decisions", purpose="newsletter", identifiers="false"))
    assert (one["purpose"], one["email"]) == ("newsletter", "")
    assert one["subject"].startswith("sub_")
    for wrong in ({"purpose": "nothing"}, {"since": "yesterday"}, {"format": "xml"}):
        answer = house.client.get(
            "/v1/exports/decisions", query_string=wrong, headers=house.headers
        )
        assert answer.status_code == 422
    assert house.get("/v1/exports/secrets").status_code == 404


def test_facts_are_exported_with_their_source_and_their_days(
    house: House, clock: HandClock
) -> None:
    body = {
        "identifiers": [{"email": "ada@people.example"}],
        "source": "meeting",
        "relationships": [{"kind": "prospect", "since": "2026-01-05T00:00:00Z"}],
        "capacity": "professional",
    }
    house.post("/v1/subjects", body)
    house.post("/v1/subjects", {**body, "capacity": "consumer", "source": "letter"})
    house.post("/v1/subjects", {"identifiers": [{"external_id": "crm-1"}], "source": "x"})
    clock.advance(hours=1)
    rows = rows_of(take(house, "subjects"))
    told = {(row["fact"], row["value"], bool(row["closed_at"]), row["source"]) for row in rows}
    assert told == {
        ("relationship", "prospect", False, "meeting"),
        ("capacity", "professional", True, "meeting"),
        ("capacity", "consumer", False, "letter"),
        ("", "", False, ""),
    }


def test_the_feed_is_exported_as_one_json_object_a_line(house: House, clock: HandClock) -> None:
    house.tell({**ADA, "external_id": "crm-1"})
    house.integrate()
    clock.advance(hours=1)
    *events, end = map(json.loads, take(house, "events", format="ndjson").splitlines())
    assert end == {"end": {"rows": len(events)}}
    (one,) = [each for each in events if each["type"] == "consent.granted"]
    assert one["external_ids"] == ["crm-1"]


def test_an_export_stands_in_the_audit_trail(house: House, clock: HandClock) -> None:
    clock.advance(seconds=1)
    take(house, "subjects", identifiers="false")
    (line,) = [
        each
        for each in house.get("/v1/audit").get_json()["entries"]
        if each["action"] == "subjects.exported"
    ]
    assert line["detail"]["identifiers"] is False


def test_what_was_exported_can_be_imported_and_is_no_other_yes(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA, evidence="form 7", assertion="evidenced")
    clock.advance(hours=1)
    sent = house.client.post(
        "/v1/imports?dry_run=false",
        data=take(house, "decisions").rpartition("# end")[0],
        headers={**house.headers, "Content-Type": "text/csv"},
    ).get_json()
    assert (sent["refused"], sent["rows"]) == (0, 1)
    assert house.why({"phone": ADA["phone"]}) == "consent"


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_security_100_no_cell_of_an_export_begins_a_formula(cells: list[str]) -> None:
    columns = [f"c{number}" for number in range(len(cells))]
    text = b"".join(written("csv", columns, [[dict(zip(columns, cells, strict=True))]]))
    read = list(csv.reader(io.StringIO(text.decode(), newline="")))
    assert read[0] == columns
    assert read[1] == [neutral(cell) for cell in cells]
    for cell in read[1]:
        assert cell.lstrip(" ")[:1] not in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
