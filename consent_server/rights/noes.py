"""The noes that outlive an erasure, as suppressions by keyed hash: they stay hers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..decisions import standing
from ..decisions.rules import NOES, stands
from ..subjects.rules import MARKETING, PURPOSE, covers
from ..subjects.suppress import ERASED, suppress_all, target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..notices.values import Configuration
    from ..subjects import Held, Identified
    from ..subjects.suppress import Suppressor
    from .values import Wanted

# A visitor id is a browser's, and is not asked again under the same one.
_SUPPRESSED: Final = frozenset({"email", "phone", "external_id"})


def keep_noes(
    suppressor: Suppressor, held: Held | None, identifiers: Sequence[Identified], wanted: Wanted
) -> int:
    """Suppress somebody before she is erased, by each identifier; gives how many were new.

    A no is the person's: it is kept, whatever the caller wants of the rest.
    """
    subject = held.subject if held else None
    whom = [
        target(suppressor.keys, one, subject=subject)
        for one in identifiers
        if one.kind in _SUPPRESSED
    ]
    scopes = [MARKETING] if wanted.suppress else []
    scopes += [
        f"{PURPOSE}{purpose}"
        for purpose in _noes(suppressor, held)
        if not (wanted.suppress and _is_marketing(suppressor.configuration, purpose))
    ]
    added = suppress_all(suppressor, whom, scopes, ERASED)
    suppressor.keep()
    return added


def _is_marketing(configuration: Configuration | None, purpose: int) -> bool:
    known = configuration.purposes.get(purpose) if configuration else None
    return known is not None and covers(MARKETING, known)


def _noes(suppressor: Suppressor, held: Held | None) -> list[int]:
    """Name the purposes that she has said no to, by whichever of her identifiers."""
    if held is None:
        return []
    organisation, configuration = suppressor.keys.organisation, suppressor.configuration
    rows = standing.of_person(suppressor.tx, organisation, held.subject, held.person)
    found = []
    for purpose, several in sorted(rows.items()):
        known = configuration.purposes.get(purpose) if configuration else None
        # A tracker's no is the browser's own, and goes with it.
        if known is not None and known.kind == "tracker":
            continue
        places = {row.identifier for row in several}
        states = {stands(several, frozenset({p}), alone=False).state for p in places}
        if states & NOES:
            found.append(purpose)
    return found
