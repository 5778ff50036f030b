"""What stands of a subject is packed without a loss, and small."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.db import DUPLICATE, Sql, read, swift_write
from consent_server.decisions import standing
from consent_server.decisions.alike import Alike
from consent_server.decisions.packed import pack, unpack
from consent_server.decisions.rules import NOES, STRENGTH, No, Row, Yes
from consent_server.ids import new_id

if TYPE_CHECKING:
    from flask import Flask

SUBJECT = 7
IDS = st.integers(1, (1 << 63) - 1)
# Few of each, so that several rows share them; and the far ends of what there may be.
PLACES = st.integers(1, 4) | IDS
MOMENTS = st.integers(0, 5) | st.integers(-(1 << 55), 1 << 57)
YESES = st.builds(
    Yes,
    decision=PLACES,
    given_at=MOMENTS,
    recorded_at=MOMENTS,
    assertion=st.sampled_from(sorted(STRENGTH)),
    enough=st.booleans(),
    expires_at=st.none() | MOMENTS,
    notice=st.none() | PLACES,
    number=st.none() | st.integers(1, 3) | st.integers(1, 1 << 40),
    version=st.none() | PLACES,
    names=st.frozensets(PLACES, max_size=3),
)
NOS = st.builds(No, decision=PLACES, recorded_at=MOMENTS, state=st.sampled_from(sorted(NOES)))
ROWS = st.dictionaries(
    st.tuples(PLACES, PLACES),
    st.tuples(st.none() | YESES, st.none() | NOS),
    max_size=12,
).map(
    lambda told: [
        (purpose, Row(subject=SUBJECT, identifier=identifier, yes=yes, no=no))
        for (purpose, identifier), (yes, no) in told.items()
    ]
)
NEWSLETTER = Yes(
    decision=11,
    given_at=1_700_000_000_000_000,
    recorded_at=1_700_000_000_000_777,
    assertion="witnessed",
    expires_at=1_800_000_000_000_000,
    notice=12,
    number=3,
    version=13,
)

BODY = (
    "0102020101010000000000000001000100000000000000020100000000000000"
    "00090101000000000000000a00000006651728988000000000000000000e0006"
    "133c6690e000011f000000000000000b00060a24181e40000000030900000000"
    "0000000c000000000000000d0003"
)


def in_order(rows: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    return sorted(rows, key=lambda row: (row[0], row[1].identifier))


@given(rows=ROWS, data=st.data())
def test_rows_come_back_as_they_were_whatever_their_order(
    rows: list[tuple[int, Row]], data: st.DataObject
) -> None:
    body = pack(rows)
    assert unpack(body, SUBJECT) == in_order(rows)
    assert pack(data.draw(st.permutations(rows))) == body
    for purpose in {number for number, _ in rows} | {5}:
        one = [row for row in in_order(rows) if row[0] == purpose]
        assert unpack(body, SUBJECT, purpose) == one


def test_more_than_a_byte_counts_is_written_all_the_same() -> None:
    rows = [
        (
            purpose,
            Row(
                subject=SUBJECT,
                identifier=identifier,
                yes=replace(NEWSLETTER, decision=purpose * 100 + identifier),
            ),
        )
        for purpose in range(1, 20)
        for identifier in range(1, 20)
    ]
    assert pack(rows)[0] == 2
    assert unpack(pack(rows), SUBJECT) == in_order(rows)


def test_three_purposes_of_one_decision_take_a_hundred_bytes() -> None:
    rows = [(each, Row(subject=SUBJECT, identifier=9, yes=NEWSLETTER)) for each in (1, 2, 3)]
    assert len(pack(rows)) < 100


@given(
    purposes=st.lists(IDS, min_size=1, max_size=4, unique=True),
    yes=YESES.filter(lambda yes: not yes.names),
    ends=st.lists(st.none() | st.integers(1, 2), min_size=4, max_size=4),
    shown=st.none() | st.tuples(IDS, IDS, st.integers(1, 65_535)),
    state=st.sampled_from(sorted(NOES)),
)
def test_who_answers_all_alike_is_packed_as_everybody_is(
    purposes: list[int],
    yes: Yes,
    ends: list[int | None],
    shown: tuple[int, int, int] | None,
    state: str,
) -> None:
    notice, version, number = shown or (None, None, None)
    yes = replace(yes, notice=notice, version=version, number=number)
    alike = Alike(purposes, yes)
    rows = [
        (purpose, Row(subject=SUBJECT, identifier=9, yes=replace(yes, expires_at=end)))
        for purpose, end in zip(purposes, ends, strict=False)
    ]
    for _ in range(2):
        said = alike.yes(9, yes.decision, yes.given_at, yes.recorded_at, ends)
        assert said == pack(rows)
    no = No(decision=yes.decision, recorded_at=yes.recorded_at, state=state)
    refused = [(each, Row(subject=SUBJECT, identifier=9, no=no)) for each in purposes]
    assert alike.no(9, no.decision, no.recorded_at, state) == pack(refused)


def test_what_an_earlier_release_wrote_is_read() -> None:
    # If this must change, give the new form another number, and go on reading this one.
    refused = No(decision=14, recorded_at=1_710_000_000_000_000, state="withdrawn")
    row = Row(subject=SUBJECT, identifier=9, yes=NEWSLETTER, no=refused)
    claimed = Row(subject=SUBJECT, identifier=10)
    body = bytes.fromhex(BODY)
    assert unpack(body, SUBJECT) == [(1, row), (2, claimed)]
    assert pack([(2, claimed), (1, row)]) == body
    with pytest.raises(KeyError):
        unpack(b"\x09" + body[1:], SUBJECT)


def test_a_number_that_a_subject_of_somebody_else_has_loses_nobody_s_standing(
    app: Flask,
) -> None:
    ours, theirs, subject = (new_id() for _ in range(3))
    kept = Sql("SELECT body FROM standing WHERE organisation_id = :organisation")

    def write(organisation: int, body: bytes) -> None:
        row = {"organisation_id": organisation, "subject_id": subject, "ends_at": None}
        with swift_write(organisation) as tx:
            tx.later(standing._UPSERT, {**row, "body": body})

    with app.app_context():
        write(ours, b"first")
        write(ours, b"hers")
        refused = nullcontext() if on_postgresql(app) else pytest.raises(DUPLICATE)
        with refused:
            write(theirs, b"theirs")
        with read(ours) as tx:
            assert [bytes(row[0]) for row in tx.run(kept, {"organisation": ours})] == [b"hers"]


def on_postgresql(app: Flask) -> bool:
    return str(app.config["SQLALCHEMY_DATABASE_URI"]).startswith("postgresql")
