"""Lines in, lines out: whatever a file looks like, no line is lost and none moves."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
import zlib
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent_server.permissions.bulk.ahead import ahead
from consent_server.permissions.bulk.asked import AskedSet, holds
from consent_server.permissions.bulk.columns import Texts, np, texts_of
from consent_server.permissions.bulk.csv_format import CsvWriter, Wish, read_layout
from consent_server.permissions.bulk.csv_reader import CsvReader
from consent_server.permissions.bulk.intake import BLOCK, LONGEST_RECORD, Pieces, blocks
from consent_server.permissions.bulk.lots import parted
from consent_server.permissions.bulk.ndjson_format import NdjsonReader, NdjsonWriter
from consent_server.permissions.bulk.rows import (
    FIELDS,
    UNREADABLE,
    Answer,
    Answered,
    Lot,
    joined,
    lot_of,
)
from consent_server.permissions.bulk.spool import Spool
from consent_server.problems import TooLarge, UnreadableBody
from consent_server.subjects import NotAnIdentifier, identify
from consent_server.subjects.identifiers import read_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consent_server.permissions.bulk.rows import Row

NO = Answer(allowed=False, because="never_asked")


def read(
    body: bytes, wish: Wish | None = None, *, block: int = 7
) -> tuple[CsvWriter, list[Row]]:
    pieces = [body[at : at + block] for at in range(0, len(body), block)]
    lines = Pieces(pieces, quoted=True)
    layout = read_layout(lines.first(), wish or Wish())
    return CsvWriter(layout), list(CsvReader(layout, lines).rows())


def no_for(rows: list[Row], answer: Answer = NO) -> Answered:
    whole = dict.fromkeys(range(len(rows)), answer)
    lot = lot_of(rows)
    none = np.zeros(len(rows), np.int64)
    return Answered(lot, none - 1, Texts(b"", none, none), [], whole)


def rewritten(body: bytes) -> list[list[str]]:
    writer, rows = read(body)
    out = writer.begin() + writer.lines(no_for(rows))
    delimiter = next(each for each in ",;\t|" if each in out.decode())
    return list(csv.reader(io.StringIO(out.decode()), delimiter=delimiter))


def test_what_is_a_persons_own_stands_in_columns_of_the_files_own_delimiter() -> None:
    writer, rows = read(b"email;name\na@b.fr;x\nc@d.fr;y\n")
    tails = texts_of([b"dec_1,2026-01-01,", b",,"])
    alike = [Answer(allowed=True, because="consent", regime="consent")]
    answered = Answered(lot_of(rows), np.zeros(2, np.int64), tails, alike, {})
    assert writer.lines(answered).splitlines() == [
        b"a@b.fr;x;true;consent;consent;dec_1;2026-01-01;",
        b"c@d.fr;y;true;consent;consent;;;",
    ]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@given(
    st.lists(st.lists(cells, min_size=2, max_size=2), max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
def test_every_cell_comes_back_and_the_answer_stands_after_it(
    table: list[list[str]], delimiter: str, end: str, block: int
) -> None:
    held = io.StringIO(newline="")
    writing = csv.writer(held, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writing.writerows([["email", "note"], *table])
    writer, rows = read(held.getvalue().encode(), block=block)
    out = writer.begin() + writer.lines(no_for(rows))
    back = list(csv.reader(io.StringIO(out.decode(), newline=""), delimiter=delimiter))
    assert back[0] == ["email", "note", *FIELDS]
    assert [line[:2] for line in back[1:]] == table
    assert [row.text for row in rows] == [line[0] for line in table]


@pytest.mark.parametrize(
    ("body", "kind", "texts"),
    [
        (b"\xef\xbb\xbfE-mail;Nom\na@b.fr;A\n", "email", ["a@b.fr"]),
        (b"Nom\tAdresse e-mail\nA\ta@b.fr", "email", ["a@b.fr"]),
        (b"T\xc3\xa9l\xc3\xa9phone\n+33199001234\n", "phone", ["+33199001234"]),
        (b"email,phone\na@b.fr,1\n", "email", ["a@b.fr"]),
        (b"email\n\na@b.fr\n", "email", ["", "a@b.fr"]),
        (b"email,a\nonly@b.fr\n", "email", ["only@b.fr"]),
        (b"a,email\nonly\n", "", [None]),
        (b"email\na@b.fr,too,many\n", "email", [None]),
        (b'email\n"a@b.fr\n', "", [None]),
        (b"email,note\na@b.fr,\xff\n", "", [None]),
    ],
)
def test_the_asked_column_is_found(body: bytes, kind: str, texts: list[str | None]) -> None:
    _, rows = read(body)
    assert [row.text for row in rows] == texts
    assert not texts[0] or {row.kind for row in rows} == {kind}


def test_a_channel_and_the_caller_choose_among_several_columns() -> None:
    body = b"email,phone,other\na@b.fr,+33199001234,x\n"
    assert read(body, Wish(channel="phone"))[1][0].text == "+33199001234"
    assert read(body, Wish(identifier="phone"))[1][0].kind == "phone"
    named = read(body, Wish(column="other", identifier="external_id"))[1][0]
    assert (named.kind, named.text) == ("external_id", "x")


def test_uneven_lines_are_filled_so_that_the_answer_stands_in_its_columns() -> None:
    table = rewritten(b"email,a,b\nx@y.fr\nx@y.fr,1,2,3,4\n\n" + b"z@y.fr,1,2\n")
    assert {len(line) for line in table} == {3 + len(FIELDS)}
    assert len(table) == 5


def test_a_line_of_ten_megabytes_is_one_unreadable_line_and_is_never_held() -> None:
    long = b"x" * (10 * LONGEST_RECORD)
    body = b"email\na@b.fr\n" + long + b"\nc@d.fr\n" + b'"' + long + b"\ne@f.fr\n"
    pieces = (body[at : at + BLOCK] for at in range(0, len(body), BLOCK))
    tracemalloc.start()
    lines = Pieces(pieces, quoted=True)
    layout = read_layout(lines.first(), Wish())
    rows = [row.text for row in CsvReader(layout, lines).rows()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == ["a@b.fr", None, "c@d.fr", None, "e@f.fr"]
    assert peak < 6 * LONGEST_RECORD


names = st.sampled_from(
    ["a@b.fr", "A.B@b.Fr", "x@y.test", "é@b.fr", "a..b@c.fr", "", " a@b.fr", "a@b.fr\r", "a@b-"]
)


@given(
    st.lists(st.tuples(names | st.emails() | cells, cells), max_size=300),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(1, 4000),
)
def test_many_lines_are_read_at_one_look_as_each_alone(
    told: list[tuple[str, str]], delimiter: str, newline: str, last: bool, block: int
) -> None:
    head = delimiter.join(["email", "name"][:: -1 if last else 1])
    lines = [head, *(delimiter.join(each[:: -1 if last else 1]) for each in told)]
    body = newline.join(lines).encode()

    def lots(carried: bool) -> list[Row]:
        pieces = Pieces(
            (body[at : at + block] for at in range(0, len(body), block)), quoted=True
        )
        layout = read_layout(pieces.first(), Wish())
        lots = list(CsvReader(layout, pieces, carried=carried).lots())
        return [row for lot in lots for row in rows_of(lot)]

    assert [(each.raw, match_of(each)) for each in lots(carried=False)] == [
        (each.raw, match_of(each)) for each in lots(carried=True)
    ]


def test_a_line_that_is_no_text_is_unreadable_whatever_stands_beside_it() -> None:
    body = b"email,name\na@b.fr,\xff\nc@d.fr,\xc3\xa9\n"
    pieces = Pieces([body], quoted=True)
    layout = read_layout(pieces.first(), Wish())
    rows = list(CsvReader(layout, pieces, carried=False).rows())
    assert [(row.raw, row.text) for row in rows] == [
        (b"a@b.fr,\xff", None),
        (b"c@d.fr,\xc3\xa9", "c@d.fr"),
    ]


plain_hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
odd_hashes = st.sampled_from(
    ["AB" * 32, "g" * 64, "0" * 63, "0" * 65, "0" * 63 + "é", "", "0" * 62 + "  "]
    + [f"{'0' * at}{mark}{'0' * (63 - at)}" for mark in " \t\v;,|" for at in (31, 63)]
)


@given(
    st.lists(plain_hashes, max_size=20),
    st.lists(st.tuples(st.integers(0, 20), plain_hashes | odd_hashes, st.integers(-1, 1))),
    st.sampled_from(["", "x", "é"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(0, 2),
)
@example([], [(0, "0" * 65, -1), (1, "0" * 63, 1)], "", ",", "\n", 1)
@example([], [(0, "0" * 62 + "  ", 0)], "", ",", "\n", 1)
@example([], [(0, "0" * 64, -1), (1, "0" * 64, 1)], "", ",", "\n", 2)
def test_many_hashes_are_cut_at_one_look_as_each_is_read_alone(
    told: list[str],
    odd: list[tuple[int, str, int]],
    note: str,
    delimiter: str,
    newline: str,
    more: int,
) -> None:
    lines = [delimiter.join([text, *[note] * more]) for text in told]
    for at, text, added in odd:
        lines.insert(at, delimiter.join([text, *[note] * (more + added)]))
    body = newline.join([delimiter.join(["sha256_email", "a", "b"][: more + 1]), *lines, ""])

    def rows(carried: bool) -> list[tuple[bytes, str | None]]:
        pieces = Pieces([body.encode()], quoted=True)
        layout = read_layout(pieces.first(), Wish())
        lots = list(CsvReader(layout, pieces, carried=carried).lots())
        # Those that are plain are nothing else.
        assert all(
            hash_of(lot.row(at)) for lot in lots for at in {*range(lot.size)} - {*lot.odd}
        )
        return [(row.raw, hash_of(row)) for lot in lots for row in rows_of(lot)]

    assert rows(carried=False) == rows(carried=True)


def rows_of(lot: Lot) -> list[Row]:
    """Give a lot's rows, seen to be those of its parts, put together again or not."""
    rows = [lot.row(at) for at in range(lot.size)]
    # A line is carried through as its row is.
    assert [lot.lines.at(at) for at in range(lot.size)] == [row.raw for row in rows]
    first, rest = parted(lot, lot.size // 2) if lot.size > 1 else (lot, None)
    parts = [first, *([rest] if rest else [])]
    for each in (parts, [joined(parts)], [joined([*parts, lot_of(rows[:1])])]):
        found = [each.row(at) for each in each for at in range(each.size)]
        assert [row._replace(cells=()) for row in found][: len(rows)] == [
            row._replace(cells=()) for row in rows
        ]
    return rows


def hash_of(row: Row) -> str | None:
    try:
        return row.text and read_sha256(row.text)
    except NotAnIdentifier:
        return None


def match_of(row: Row) -> str | None:
    try:
        return row.text and identify("email", row.text, region="").match
    except NotAnIdentifier:
        return None


def test_a_mark_that_is_never_closed_swallows_a_megabyte_at_most() -> None:
    body = b'email\n"open\n' + b"a@b.fr\n" * (LONGEST_RECORD // 4)
    _, rows = read(body, block=BLOCK)
    assert rows[0].text is None
    assert rows[-1].text == "a@b.fr"


def test_a_bomb_unfolds_no_further_than_the_limit() -> None:
    bomb = gzip.compress(b"\0" * (64 * 1024 * 1024))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        for _ in blocks(io.BytesIO(bomb), gzip=True, most=8 * 1024 * 1024):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@given(st.binary(max_size=3000), st.integers(0, 3000))
def test_gzip_is_read_whole_or_refused(plain: bytes, cut: int) -> None:
    packed = gzip.compress(plain)
    assert b"".join(blocks(io.BytesIO(packed), gzip=True, most=10**6)) == plain
    if 0 < cut < len(packed):
        with pytest.raises(UnreadableBody):
            list(blocks(io.BytesIO(packed[:cut]), gzip=True, most=10**6))


json_lines = st.dictionaries(
    st.text(max_size=6), st.none() | st.booleans() | st.integers() | st.text(), max_size=4
)


@given(st.lists(json_lines, max_size=6))
def test_every_object_comes_back_with_its_members_and_ours(
    objects: list[dict[str, object]],
) -> None:
    body = "".join(json.dumps(each) + "\n" for each in objects).encode()
    rows = list(NdjsonReader(Pieces([body], quoted=False)).rows())
    writer = NdjsonWriter()
    back = [json.loads(writer.lines(no_for([row], UNREADABLE))) for row in rows]
    assert len(back) == len(objects)
    for line, each in zip(back, objects, strict=True):
        assert {**each, **line} == line
        assert line["because"] == "unreadable"


def test_what_comes_next_is_made_meanwhile_and_what_breaks_it_comes_in_its_place() -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            yield number
        raise TooLarge("no more")

    given = ahead(source())
    assert next(given) == 0
    assert list(islice(given, 2)) == [1, 2]
    with pytest.raises(TooLarge):
        next(given)
    assert made == [0, 1, 2]


def test_a_spool_gives_back_what_was_written_and_shows_nobody(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.write(b"anna@example.org" * 1000)
        spool.write(b"")
        spool.write(b"end")
        spool._file.flush()
        spool._file.seek(0)
        assert b"anna" not in spool._file.read()
        assert list(spool.read()) == [b"anna@example.org" * 1000, b"", b"end"]
    assert list((tmp_path / "spool").iterdir()) == []


@given(st.sets(st.binary(min_size=32, max_size=32), max_size=60), st.integers(1, 20))
def test_a_set_of_hashes_knows_exactly_its_own(hashes: set[bytes], lot: int) -> None:
    import tempfile  # noqa: PLC0415 - a folder for each example
    from pathlib import Path as Folder  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr("consent_server.permissions.bulk.asked._HELD", lot)
        asked = AskedSet(Folder(folder))
        ordered = sorted(hashes)
        for each in ordered:
            number = int.from_bytes(each[:8], "big", signed=True)
            asked.put(np.array([number, number]))
        parts = dict(asked.parts())
        asked.close()
    # Each once, however often she was asked about.
    kept = sum(len(zlib.decompress(part)) for part in parts.values())
    assert kept == 8 * len({each[:8] for each in ordered})
    for each in ordered:
        assert holds(parts[each[0]], each)
        other = bytes([each[0]]) + bytes(8)
        assert holds(parts[each[0]], other) == (other[:8] in {own[:8] for own in ordered})
