"""`consent filter` for a person with a spreadsheet: Excel and Parquet, in and out."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from pyarrow import parquet

from consent_server.permissions.bulk.cli import filter_command

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.support.house import House

ADDED = ["allowed", "because", "regime", "decision", "since", "expires_at"]
SINCE = datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001 - a spreadsheet knows no zones
HEADER = ["Nom", "E-mail", "Achats", "Depuis"]
ROWS: list[list[Any]] = [
    ["=1+1", "anna@example.org", 12.5, SINCE],
    ["Ben", "ben@example.org", 3, None],
    [None, None, None, None],
    ["Cy", 'odd,"one', None, None],
    ["Dora", "anna@example.org", None, SINCE],
]


@pytest.fixture
def known(house: House) -> House:
    assert house.tell({"email": "anna@example.org"}).status_code == 201
    return house


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Clients"
    for row in rows:
        sheet.append(row)
    for row in sheet.iter_rows(min_col=1, max_col=1):
        if row[0].value is not None:
            row[0].data_type = "s"
    book.save(path)
    return path


def filtered(*words: Any) -> Result:
    return CliRunner().invoke(filter_command, [*map(str, words), "--purpose", "newsletter"])


def test_a_workbook_comes_back_as_one_with_its_rows_as_they_were(
    known: House, tmp_path: Path
) -> None:
    asked = workbook(tmp_path / "contacts.xlsx", [HEADER, *ROWS])
    goal = tmp_path / "allowed.xlsx"
    done = filtered(asked, "-o", goal, "--json")
    assert done.exit_code == 0, done.output
    clearance = json.loads(done.stdout)["clearance"]
    assert clearance["counts"] == {"consent": 2, "never_asked": 1, "unreadable": 1}
    sheet = load_workbook(goal).worksheets[0]
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert (sheet.title, header) == ("Clients", [*HEADER, *ADDED])
    assert [row[:6] for row in rows] == [
        ["=1+1", "anna@example.org", 12.5, SINCE, "true", "consent"],
        ["Dora", "anna@example.org", None, SINCE, "true", "consent"],
    ]
    # security.md 100: text that looks like a formula stays text.
    assert sheet["A2"].data_type == "s"
    beside = json.loads((tmp_path / "allowed.xlsx.clearance.json").read_text("utf-8"))
    assert beside == clearance


def test_a_parquet_file_keeps_its_types(known: House, tmp_path: Path) -> None:
    asked = tmp_path / "contacts.parquet"
    table = {
        "email": ["anna@example.org", None, "ben@example.org"],
        "orders": pa.array([3, 4, 5], pa.int32()),
    }
    parquet.write_table(pa.table(table), asked)
    done = filtered(asked, "--only", "all")
    assert done.exit_code == 0, done.output
    answer = parquet.read_table(tmp_path / "contacts.all.parquet")
    assert answer.schema.names == ["email", "orders", *ADDED]
    assert answer.schema.field("orders").type == pa.int32()
    assert answer["allowed"].to_pylist() == [True, False, False]
    assert answer["because"].to_pylist() == ["consent", "unreadable", "never_asked"]
    assert answer["expires_at"].to_pylist()[1:] == [None, None]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("contacts.xlsx", b"no workbook", "cannot be read as an Excel workbook"),
        ("contacts.parquet", b"no table", "cannot be read as Parquet"),
    ],
)
def test_what_is_no_spreadsheet_is_said_to_be_none_and_leaves_nothing(
    known: House, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    asked = tmp_path / name
    asked.write_bytes(content)
    done = filtered(asked)
    assert done.exit_code != 0
    assert told in f"{done.output} {done.exception}"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [name]


def test_a_sheet_without_a_column_of_people_is_told_what_to_name(
    known: House, tmp_path: Path
) -> None:
    asked = workbook(tmp_path / "c.xlsx", [["Nom", "Adresse"], ["A", "anna@example.org"]])
    assert "no column is called" in str(filtered(asked).exception)
    done = filtered(asked, "--column", "Adresse", "--json")
    assert json.loads(done.stdout)["clearance"]["counts"] == {"consent": 1}
    other = filtered(asked, "-o", tmp_path / "c.csv")
    assert (other.exit_code, "own kind" in other.output) == (2, True)


def test_a_compressed_list_is_answered_plainly(known: House, tmp_path: Path) -> None:
    asked = tmp_path / "contacts.csv.gz"
    asked.write_bytes(gzip.compress(b"email\n" + b"anna@example.org\n" * 500))
    assert filtered(asked).exit_code == 0
    assert len((tmp_path / "contacts.allowed.csv").read_text("utf-8").splitlines()) == 501
