"""What of a row may be carried over: the same rules as for one decision, asked before. Pure.

An import carries the person's own later yes, with its evidence, and never over a
suppression; every no it carries as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...decisions.rules import Yes, acting, contradicted, outlives, stands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...decisions.rules import Row

NOES = frozenset({"refused", "withdrawn", "objected"})


def refuse_yes(
    rows: Sequence[Row],
    identifiers: frozenset[int],
    *,
    alone: bool,
    given_at: int,
    assertion: str,
) -> str | None:
    """Say why a yes may not be carried over, `later_no` or `unproven`; None if it may."""
    noes = acting(rows, identifiers, alone=alone)
    if not noes:
        return None
    yes = Yes(decision=0, given_at=given_at, recorded_at=given_at, assertion=assertion)
    # The last no through each identifier is enough to ask: older ones are outlived with it.
    if contradicted(yes, noes):
        return "later_no"
    return None if all(outlives(yes, no) for no in noes) else "unproven"


def says_no_already(rows: Sequence[Row], identifiers: frozenset[int], *, alone: bool) -> bool:
    """Tell whether a no without a date adds nothing: no is what stands."""
    return stands(rows, identifiers, alone=alone).state in NOES
