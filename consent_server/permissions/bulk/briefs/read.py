"""Reading: what is kept under many numbers, by one statement, as it holds at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ....clock import rfc3339_micros
from ....db import Sql
from ....organisations.document.vocabulary import CALLS
from ..columns import Texts, letters, np
from .mark import REST
from .shape import LETTERS, MARK, NOTHING, PURPOSE, SHAPE, purpose_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ....db import Transaction
    from ....notices.values import Purpose
    from ...values import Setting
    from ..columns import Flags, Ints

# Nothing is kept: an empty line. Something is, that may not be used now: one of this alone.
_CLOSED: Final = "-"
_BASE: Final = REST + SHAPE
_NOTHING: Final = NOTHING.encode()
# What stands for one purpose: its mark and name, a shape, a tail as long as they come.
_ENTRY: Final = len(MARK) + PURPOSE + SHAPE + len("dec_,,") + 13 + 2 * len(rfc3339_micros(0))
# However many purposes somebody has decided about, no more is read of her than of one.
_SAID: Final = (
    "CASE WHEN b.key IS NULL THEN '' WHEN b.organisation_id = :organisation"
    " AND b.asks & :asks > 0 AND b.since <= :now AND b.until > :now"
    f" THEN CASE WHEN length(b.said) <= {_BASE + _ENTRY} THEN b.said"
    f" ELSE substr(b.said, 1, {_BASE}) || substr(b.said, {{find}}(b.said, :mark), {_ENTRY}) END"
    f" ELSE '{_CLOSED}' END"
)
# One cell for all of them: the driver makes no row of each, and gives the interpreter away
# while they are read. In the order asked: what a brief begins with would tell otherwise.
_READ: Final = Sql(
    f"""
    SELECT CAST(group_concat({_SAID.format(find="instr")}, char(10)) AS BLOB)
    FROM json_each(:several) k LEFT JOIN brief b ON b.key = k.value
    """,
    # LATERAL and LIMIT leave one plan alone, whatever is known of the table: by its key.
    f"""
    SELECT string_agg({_SAID.format(find="strpos")}, E'\\n')
    FROM unnest(string_to_array(:several, ',')::bigint[]) AS k(value)
    LEFT JOIN LATERAL (
        SELECT organisation_id, key, asks, since, until, said FROM brief
        WHERE organisation_id = :organisation AND key = k.value LIMIT 1
    ) b ON true
    """,
)
# In KiB. Hardly two of a lot have a page in common: where few are held, each is read to where
# the processor still has the one before.
_FEW: Final = Sql("PRAGMA cache_size=-256", "")
_AS_USUAL: Final = Sql("PRAGMA cache_size=-2000", "")


def may_read(purpose: Purpose | None, setting: Setting) -> bool:
    """Tell whether a purpose is one that briefs answer.

    Hours and frequency depend on the moment, calls on the number's country too, trackers on
    the device alone: those are for the facts.
    """
    if purpose is None or purpose.kind == "tracker" or purpose.channel in CALLS:
        return False
    return purpose.channel not in setting.bounds


class Kept(NamedTuple):
    """What is kept under some numbers, and may be used now, of one purpose: in columns."""

    nobody: Flags
    usable: Flags
    # What verifies each, as a number.
    rests: Ints
    # Alike for all who have one shape, and of whom the yes has ended by itself or has not.
    shapes: Ints
    # Their text begins with what is told of who has decided nothing.
    tails: Texts


def read_briefs(
    tx: Transaction,
    organisation: int,
    several: Ints,
    purpose: int,
    *,
    asks: int,
    now: int,
) -> Kept:
    """Give what is kept under numbers of one purpose, for who asks by `asks`.

    The numbers must be in their order: so the tree is walked once from beginning to end.
    """
    listed = str(several.tolist())
    listed = listed[1:-1] if tx.postgresql else listed
    name = purpose_name(purpose)
    values = {"organisation": organisation, "asks": asks, "now": now, "mark": MARK + name}
    told = _read(tx, {**values, "several": listed})
    return _in_columns(told, name.encode(), rfc3339_micros(now).encode())


def _in_columns(told: bytes, purpose: bytes, now: bytes) -> Kept:
    """Read lines: what verifies, a shape, then of each purpose a mark, name, shape and tail."""
    text = b"".join((_NOTHING, b"\n", told, b"\n", bytes(_BASE)))
    signs = np.frombuffer(text, np.uint8)
    stops = np.flatnonzero((signs == ord("\n")) | (signs == ord(MARK)))
    ending = signs[stops] == ord("\n")
    breaks = stops[ending]
    begins, ends = breaks[:-1] + 1, breaks[1:]
    # Whoever has said nothing of the purpose has the shape of nothing, and no tail.
    shapes = begins + REST
    tails = np.zeros(len(ends), np.int64), np.full(len(ends), len(_NOTHING))
    named = letters(text, stops + 1, PURPOSE, f"S{PURPOSE}") == purpose
    hits = np.flatnonzero(named & ~ending)
    lines, goes_on = np.cumsum(ending)[hits] - 1, stops[hits] + 1 + PURPOSE
    shapes[lines] = goes_on
    tails[0][lines], tails[1][lines] = goes_on + SHAPE, stops[hits + 1]
    shaped = _numbers(letters(text, shapes, SHAPE))
    return Kept(
        nobody=ends == begins,
        usable=ends - begins >= _BASE,
        rests=letters(text, begins, REST, "i8"),
        shapes=shaped << 1 | _ended(text, tails[1], now),
        tails=Texts(text, *tails),
    )


def _numbers(shapes: NDArray[Any]) -> Ints:
    """Read the letters of shapes as the numbers they are."""
    values = np.zeros(256, np.int64)
    values[np.frombuffer(LETTERS, np.uint8)] = np.arange(len(LETTERS))
    found = np.zeros(len(shapes), np.int64)
    for each in shapes.view(np.uint8).reshape(-1, SHAPE).T:
        found = found << 6 | values[each]
    return found


def _ended(text: bytes, ends: Ints, now: bytes) -> Flags:
    """Tell which tails say until when, and have ended."""
    ended: Flags = np.frombuffer(text, np.uint8)[ends - 1] != ord(",")
    until = np.flatnonzero(ended)
    ended[until] = letters(text, ends[until] - len(now), len(now), f"S{len(now)}") <= now
    return ended


def _read(tx: Transaction, values: dict[str, Any]) -> bytes:
    if tx.postgresql:
        ((said,),) = tx.run(_READ, values)
        return str(said).encode()
    tx.run(_FEW)
    try:
        ((told,),) = tx.run(_READ, values)
    finally:
        tx.run(_AS_USUAL)
    return bytes(told)
