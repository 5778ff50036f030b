"""Reading: what is kept under many numbers, by one statement, as it holds at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ....db import Sql
from ....organisations.document.vocabulary import CALLS
from .mark import REST
from .shape import MARK, PURPOSE, SHAPE, purpose_name

if TYPE_CHECKING:
    from ....db import Transaction
    from ....notices.values import Purpose
    from ...values import Setting

# Nothing is kept; something is, that may not be used now.
NOBODY: Final = ""
CLOSED: Final = "-"
BASE: Final = REST + SHAPE
# What verifies it, then what stands for the purpose asked about: as long as its name is what
# verifies, so that whoever has said nothing of it is given the shape of nothing.
_ENTRY: Final = (
    f"substr(b.said, 1, {REST}) || substr(b.said, {{find}}(b.said, :mark) + {1 + PURPOSE})"
)
_SAID: Final = (
    "CASE WHEN b.key IS NULL THEN '' WHEN b.organisation_id = :organisation"
    " AND b.asks & :asks > 0 AND b.since <= :now AND b.until > :now"
    f" THEN {_ENTRY} ELSE '-' END"
)
# One cell for all of them: the driver makes no row of each, and gives the interpreter away
# while they are read. In the order asked: what a brief begins with would tell otherwise.
_READ: Final = Sql(
    f"""
    SELECT group_concat({_SAID.format(find="instr")}, char(10)) FROM json_each(:several) k
    LEFT JOIN brief b ON b.key = k.value
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


def read_briefs(
    tx: Transaction,
    organisation: int,
    keys: list[int],
    purpose: int,
    *,
    asks: int,
    now: int,
) -> dict[int, str]:
    """Give what is kept under numbers of one purpose: what verifies it, a shape, a tail if any.

    That is for who asks by `asks`; NOBODY, or CLOSED, otherwise. The numbers must be in their
    order: so the tree is walked once from beginning to end.
    """
    if not keys:
        return {}
    listed = str(keys)
    values = {"organisation": organisation, "asks": asks, "now": now}
    several = listed[1:-1] if tx.postgresql else listed
    mark = MARK + purpose_name(purpose)
    told = _read(tx, {**values, "several": several, "mark": mark})
    found = told.split("\n")
    if MARK in told:
        # Other purposes follow.
        found = [said.partition(MARK)[0] if MARK in said else said for said in found]
    return dict(zip(keys, found, strict=True))


def _read(tx: Transaction, values: dict[str, Any]) -> str:
    if tx.postgresql:
        ((told,),) = tx.run(_READ, values)
        return str(told)
    tx.run(_FEW)
    try:
        ((told,),) = tx.run(_READ, values)
    finally:
        tx.run(_AS_USUAL)
    return str(told)
