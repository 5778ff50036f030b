"""Packed rows: all that stands for one subject, written in a few bytes and read again. Pure.

A choice of three purposes says three times the same decision, words, identifier and moments;
here each of them stands once. Numbers are big-endian, ids and moments eight bytes:

    form, and how many of each follow     6 numbers
    rows      purpose, place of its hold (from 0), of its end (from 1; 0: none)
    holds     identifier, place of its yes and of its no (from 1; 0: none)
    ends      a moment
    noes      decision, recorded_at, letter of its state
    yeses     flags, decision, given_at, recorded_at less that; if shown: notice, version,
              number; if it names noes: how many, and each of them

Form 1 has bytes for places and two for a notice's number, form 2 four and eight: for whoever
has more of anything than a byte counts. What somebody else wrote under the same form is read
as it was written, so a change of this is another form.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .rules import ASSERTED, EVIDENCED, WITNESSED, WITNESSED_BY_KEY, No, Row, Yes

if TYPE_CHECKING:
    from collections.abc import Iterable

    # What yeses may have in common: all but when they end.
    _Told = tuple[int, int, int, str, bool, int | None, int | None, int | None, frozenset[int]]

_ASSERTIONS: Final = (ASSERTED, EVIDENCED, WITNESSED_BY_KEY, WITNESSED)
_STATES: Final = ("refused", "withdrawn", "objected")
# Flags of a yes; its assertion is the two lowest bits.
_ASSERTION, _ENOUGH, _SOON, _SHOWN, _NAMES = 3, 4, 8, 16, 32
# What was recorded within this many microseconds of being given, as most is.
_FOUR_BYTES: Final = 1 << 32
_MOMENT: Final = Struct(">q")
_NO: Final = Struct(">qqB")
_YES: Final = Struct(">Bqqq")
_SOON_YES: Final = Struct(">BqqI")
_COUNT: Final = Struct(">I")
_NOBODY: Final[frozenset[int]] = frozenset()
_UNSHOWN: Final = (0, 0, 0)


class _Form(NamedTuple):
    number: int
    most: int
    # The greatest number of a notice's version.
    versions: int
    head: Struct
    row: Struct
    hold: Struct
    shown: Struct


def _form(number: int, place: str, version: str) -> _Form:
    return _Form(
        number,
        (1 << 8 * Struct(f">{place}").size) - 1,
        (1 << 8 * Struct(f">{version}").size) - 1,
        Struct(f">B5{place}"),
        Struct(f">q2{place}"),
        Struct(f">q2{place}"),
        Struct(f">2q{version}"),
    )


_SMALL: Final = _form(1, "B", "H")
_LARGE: Final = _form(2, "I", "Q")
_FORMS: Final = {form.number: form for form in (_SMALL, _LARGE)}


def pack(rows: Iterable[tuple[int, Row]]) -> bytes:
    """Write the rows of one subject, each with its purpose; in one order, whatever theirs."""
    several = sorted(rows, key=_place)
    holds: dict[tuple[int, int, int], int] = {}
    ends: dict[int, int] = {}
    noes: dict[tuple[int, int, int], int] = {}
    yeses: dict[_Told, int] = {}
    placed: list[tuple[int, int, int]] = []
    for purpose, row in several:
        yes, no = row.yes, row.no
        said = end = refused = 0
        if yes is not None:
            told = (
                yes.decision, yes.given_at, yes.recorded_at, yes.assertion, yes.enough,
                yes.notice, yes.version, yes.number, yes.names,
            )  # fmt: skip
            said = yeses.setdefault(told, len(yeses) + 1)
            if yes.expires_at is not None:
                end = ends.setdefault(yes.expires_at, len(ends) + 1)
        if no is not None:
            written = (no.decision, no.recorded_at, _STATES.index(no.state))
            refused = noes.setdefault(written, len(noes) + 1)
        hold = (row.identifier, said, refused)
        placed.append((purpose, holds.setdefault(hold, len(holds)), end))
    counts = (len(placed), len(holds), len(ends), len(noes), len(yeses))
    form = _SMALL
    if max(counts) > form.most or any((each[7] or 0) > form.versions for each in yeses):
        form = _LARGE
    return b"".join(
        [
            form.head.pack(form.number, *counts),
            *[form.row.pack(*each) for each in placed],
            *[form.hold.pack(*each) for each in holds],
            *map(_MOMENT.pack, ends),
            *[_NO.pack(*each) for each in noes],
            *[_yes_bytes(form, each) for each in yeses],
        ]
    )


def _place(row: tuple[int, Row]) -> tuple[int, int]:
    return row[0], row[1].identifier


def _yes_bytes(form: _Form, told: _Told) -> bytes:
    decision, given_at, recorded_at, assertion, enough, notice, version, number, names = told
    after = recorded_at - given_at
    soon = 0 <= after < _FOUR_BYTES
    shown = not (notice is None and version is None and number is None)
    flags = _ASSERTIONS.index(assertion) | _ENOUGH * enough | _SOON * soon | _SHOWN * shown
    said = (_SOON_YES if soon else _YES).pack(
        flags | _NAMES * bool(names), decision, given_at, after
    )
    if shown:
        # No id is 0, and versions are counted from 1.
        said += form.shown.pack(notice or 0, version or 0, number or 0)
    if names:
        said += _COUNT.pack(len(names)) + b"".join(map(_MOMENT.pack, sorted(names)))
    return said


def unpack(body: bytes, subject: int, purpose: int | None = None) -> list[tuple[int, Row]]:
    """Read a subject's rows, each with its purpose: all of them, or those of one purpose."""
    form = _FORMS[body[0]]
    _, rows, holds, ends, noes, yeses = form.head.unpack_from(body)
    at = form.head.size
    after = at + rows * form.row.size
    placed: Iterable[tuple[int, int, int]] = form.row.iter_unpack(body[at:after])
    if purpose is not None:
        placed = [each for each in placed if each[0] == purpose]
        if not placed:
            return []
    at, after = after, after + holds * form.hold.size
    held = list(form.hold.iter_unpack(body[at:after]))
    at, after = after, after + ends * _MOMENT.size
    moments = [None, *[moment for (moment,) in _MOMENT.iter_unpack(body[at:after])]]
    at, after = after, after + noes * _NO.size
    refused = [None, *map(_no, _NO.iter_unpack(body[at:after]))]
    told = _told(form, body, after, yeses)
    known: dict[tuple[int, int], Yes] = {}
    found = []
    for number, hold, end in placed:
        identifier, said, no = held[hold]
        yes = None
        if said:
            yes = known.get((said, end))
            if yes is None:
                yes = known[said, end] = _yes(moments[end], *told[said - 1])
        row = Row(subject=subject, identifier=identifier, yes=yes, no=refused[no])
        found.append((number, row))
    return found


def _no(written: tuple[int, int, int]) -> No:
    decision, recorded_at, state = written
    return No(decision=decision, recorded_at=recorded_at, state=_STATES[state])


def _yes(
    until: int | None,
    flags: int,
    decision: int,
    given_at: int,
    after: int,
    shown: tuple[int, int, int],
    names: frozenset[int],
) -> Yes:
    notice, version, number = shown
    return Yes(
        decision=decision,
        given_at=given_at,
        recorded_at=given_at + after,
        assertion=_ASSERTIONS[flags & _ASSERTION],
        enough=flags & _ENOUGH != 0,
        expires_at=until,
        notice=notice or None,
        number=number or None,
        version=version or None,
        names=names,
    )


def _told(form: _Form, body: bytes, at: int, yeses: int) -> list[tuple[Any, ...]]:
    """Read yeses, whose lengths their flags tell: all of each but when it ends."""
    told: list[tuple[Any, ...]] = []
    for _ in range(yeses):
        flags = body[at]
        said = _SOON_YES if flags & _SOON else _YES
        written = said.unpack_from(body, at)
        at += said.size
        shown, names = _UNSHOWN, _NOBODY
        if flags & _SHOWN:
            shown = form.shown.unpack_from(body, at)
            at += form.shown.size
        if flags & _NAMES:
            (count,) = _COUNT.unpack_from(body, at)
            at += _COUNT.size
            until = at + count * _MOMENT.size
            names = frozenset([each for (each,) in _MOMENT.iter_unpack(body[at:until])])
            at = until
        told.append((*written, shown, names))
    return told
