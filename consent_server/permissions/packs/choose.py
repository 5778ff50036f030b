"""Which pack: by the person's country, else the organisation's; as in force that day."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from ...organisations.document import law
from ...organisations.document.countries import WITHIN_GDPR
from . import france
from .general import general
from .opt_out import opt_out
from .pack import Pack

# The country of somebody of whom several are known: then the stricter counts.
DOUBT: Final = "EU"


def pack_for(country: str | None, at_home: str, now: int) -> Pack:
    """Give the pack for a person's country, asked by an organisation that is at home there."""
    versions = _versions(country or at_home, at_home)
    if versions is None:
        return _doubtful(pack_for(None, at_home, now))
    newest = versions[-1]
    if newest.since <= now:
        return newest
    return next(pack for pack in reversed(versions) if pack.since <= now)


@cache
def _versions(country: str, at_home: str) -> tuple[Pack, ...] | None:
    if country == DOUBT:
        return None
    if country in law.FRENCH:
        return france.PACKS
    if country in law.OPT_OUT and at_home not in WITHIN_GDPR | law.FRENCH:
        # Who is established in the Union stays under its rules wherever the person is.
        return opt_out(country)
    return general(country)


@cache
def _doubtful(home: Pack) -> Pack:
    # The general rules, which are the stricter, with whatever is stricter still at home.
    pack = general(DOUBT)[-1]
    figures = replace(
        pack.figures,
        age_of_consent=max(pack.figures.age_of_consent, home.figures.age_of_consent),
        bounds=home.figures.bounds,
    )
    return Pack(
        name=f"{DOUBT}+{home.name}",
        since=home.since,
        figures=figures,
        table=pack.table,
        banned=home.banned,
    )
