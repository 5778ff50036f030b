"""A batch made ready before its time leaves what it would have left, or is made again."""

from __future__ import annotations

import io
from itertools import chain, cycle
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent_server.db import read
from consent_server.fsck import check_all
from consent_server.imports import guess, jobs, run
from consent_server.imports.manner import manner_of, records_of
from consent_server.imports.rules.rows import RowReader
from consent_server.imports.rules.short import ShortReader
from consent_server.imports.run import Runner
from consent_server.imports.sheets import Sheets
from consent_server.organisations.document.vocabulary import DeviceConflict
from tests.imports.conftest import counts, reasons
from tests.support.house import declare

if TYPE_CHECKING:
    from consent_server.imports.job import Job
    from tests.imports.conftest import Desk

ADA = {"email": "ada@people.example"}
HEADER = "email,purpose,answer,decided_at,evidence"
WHEN = "2026-03-02T10:00:00Z"
# The first batch is of two rows, the others of sixteen.
AT_ONCE = 16
NO_MINUTE = "2026-03-05T23:61:00Z"


def line(name: str, answer: str = "granted", when: str = WHEN) -> str:
    return f"{name}@people.example,newsletter,{answer},{when},a form"


def text(*lines: str) -> str:
    return "\n".join([HEADER, *lines, ""])


STRANGERS = [line(f"p{number}") for number in range(40)]


@pytest.fixture
def guessed(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> list[int]:
    """Let batches be small; tells how many rows were recorded as guessed, batch by batch."""
    found: list[int] = []
    true = guess.record_guessed

    def counted(*args: Any) -> Any:
        outcomes = true(*args)
        found.append(len(outcomes))
        return outcomes

    monkeypatch.setattr(run, "record_guessed", counted)
    for engine in run._AT_ONCE:
        monkeypatch.setitem(run._AT_ONCE, engine, AT_ONCE)
    return found


def on_postgresql(desk: Desk) -> bool:
    with read(desk.house.organisation) as tx:
        return tx.postgresql


def test_strangers_are_recorded_as_guessed(desk: Desk, guessed: list[int]) -> None:
    assert counts(desk.apply(text(*STRANGERS))) == (40, 40, 0, 0)
    assert guessed == ([16, 16, 6] if on_postgresql(desk) else [])
    assert counts(desk.apply(text(*STRANGERS))) == (40, 0, 40, 0)
    desk.house.integrate()
    assert list(check_all()) == []


def test_who_was_erased_is_not_brought_back_by_a_guess(desk: Desk, guessed: list[int]) -> None:
    desk.apply(text(line("ada")))
    desk.house.post("/v1/subjects/erase", {"subject": ADA, "reason": "asked by letter"})
    done = desk.apply(text(*STRANGERS[:4], line("ada", when="2026-03-03T10:00:00Z")))
    assert (counts(done), reasons(done)) == ((5, 4, 0, 1), {"suppressed": [6]})
    assert guessed == []
    assert desk.house.why(ADA) == "erased"


def test_neighbouring_batches_that_name_one_person_meet_each_other(
    desk: Desk, guessed: list[int]
) -> None:
    later = line("p1", when="2026-03-03T10:00:00Z")
    done = desk.apply(text(*STRANGERS[:4], later, *STRANGERS[4:20], line("p1")))
    # The older one comes last, and was carried over before.
    assert counts(done) == (22, 21, 1, 0)
    done = desk.apply(text(*(line(f"n{n}", "refused") for n in (1, 2, 3, 4, 1))))
    assert counts(done) == (5, 4, 1, 0)
    desk.house.integrate()
    assert list(check_all()) == []


def test_rows_that_are_not_plain_go_with_a_guess(desk: Desk, guessed: list[int]) -> None:
    desk.house.tell({"email": "known@people.example"})
    rows = [
        *STRANGERS[:4],
        line("known"),
        line("p9", when="2026-13-03T10:00:00Z"),
        *STRANGERS[4:6],
        *(f"{STRANGERS[6]},,", f'"p7@people.example",newsletter,granted,{WHEN},"a ""form"""'),
    ]
    done = desk.apply(text(*rows))
    assert set(reasons(done)) == {"not_a_time", "unreadable"}
    assert done["new"] + done["unchanged"] + done["refused"] == done["rows"] == 10
    assert desk.house.why({"email": "p7@people.example"}) == "consent"


def test_a_batch_that_clashes_is_recorded_once_and_so_is_the_next(
    desk: Desk, guessed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    true, left = jobs.advance, [psycopg.errors.UniqueViolation("somebody else was quicker")]

    def clashing(tx: Any, before: Job, job: Job, now: Any) -> None:
        if job.phase == 2 and job.passed == 18 and left:
            raise left.pop()
        true(tx, before, job, now)

    monkeypatch.setattr(jobs, "advance", clashing)
    assert counts(desk.apply(text(*STRANGERS))) == (40, 40, 0, 0)
    assert left == []
    desk.house.integrate()
    assert list(check_all()) == []


def test_a_guess_made_under_another_configuration_is_left(
    desk: Desk, guessed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    true, rules = Runner.run, cycle(DeviceConflict)

    def changed(_: Job) -> None:
        declare(desk.house, device_conflict=next(rules))

    monkeypatch.setattr(Runner, "run", lambda self: true(self, told=changed))
    assert counts(desk.apply(text(*STRANGERS))) == (40, 40, 0, 0)
    assert guessed == []


# -- lines that are passed over ---------------------------------------------------------------

cells = st.sampled_from(["granted", "granted", "granted", "refused", "", "\u00e9 ok", '"a"'])
times = st.sampled_from(
    [
        WHEN,
        WHEN,
        "2026-03-05T23:59:59Z",
        "2026-02-30T10:00:00Z",
        NO_MINUTE,
        "",
        "1",
    ]
)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n", ",\n", "x\n"])
names = st.sampled_from(["ada@people.example", "ben@people.example", "", '"c"', "x" * 330])
whole = st.tuples(names, st.just("newsletter"), cells, times, st.just("a form"), ends)
common = ("a@b.example", "newsletter", "granted", WHEN, "a form", "\n")
alike = st.lists(st.just(common), max_size=4)


@example([[common] * 4, [(*common[:3], NO_MINUTE, *common[4:])] * 2, [common] * 4])
@example([[common] * 4, [(*common[:2], "refused", *common[3:]), common], [common] * 4])
@given(st.lists(st.one_of(whole.map(lambda one: [one]), alike), max_size=12))
def test_lines_passed_over_together_are_those_passed_over_one_by_one(
    several: list[list[tuple[str, ...]]],
) -> None:
    lines = [",".join(one[:5]) + one[5] for one in chain.from_iterable(several)]
    asked = {
        "form": "csv", "header": HEADER.split(","), "named": True, "delimiter": ",",
        "columns": {}, "defaults": {"source": "x"}, "preset": None, "zone": None,
        "purposes": {},
    }  # fmt: skip
    found = []
    for passing in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("consent_server.imports.table._SHEET", 2)
            reader = ShortReader(RowReader(manner_of(asked)))
            stream = io.StringIO(HEADER + "\n" + "".join(lines), newline="")
            together = reader.are_yeses if passing else None
            sheets = Sheets(records_of(stream, asked, together), reader, 8, yes=False)
            taken = []
            while sheet := sheets.take():
                taken.append(sheet)
        rows = [row for sheet in taken for row in sheet.rows]
        found.append((str(rows), sum(sheet.records for sheet in taken)))
    assert found[0] == found[1]
