"""Statistics without people: how many accepted, refused and chose, rounded so that no figure
is about somebody.

Days, languages and layers come from the decisions; devices and downloads from the tallies.
Each figure stands alone: no table crosses two of them, and all are rounded, the totals
too, so that nothing can be subtracted from anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..db import Sql
from ..ids import public
from ..problems import Conflict, Unprocessable
from .tally import ANSWERS, DAY_SECONDS, DEVICES, DOWNLOAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..db import Transaction
    from ..organisations import SiteInForce

ROUNDED_TO: Final = 5
NAMES: Final = ("accepted", "refused", "chosen")
_LONGEST: Final = 366
_USUAL: Final = 30
_MICROS: Final = 1_000_000
_EPOCH: Final = date(1970, 1, 1)
_LAST: Final = date(2200, 1, 1)
_DECIDED: Final = Sql(
    "SELECT recorded_at / :day, language, surface, action, COUNT(*)"
    " FROM decision WHERE organisation_id = :organisation AND site_id = :site"
    " AND door = 'banner' AND recorded_at >= :since AND recorded_at < :until"
    " GROUP BY 1, 2, 3, 4"
)
_TALLIED: Final = Sql(
    "SELECT day, what, count FROM site_tally WHERE organisation_id = :organisation"
    " AND site_id = :site AND day >= :since AND day < :until"
)


class StatisticsOff(Conflict):
    """The organisation's file says that nothing is counted on this site."""

    code = "statistics_off"
    title = "Nothing is counted on this site"


def period(since: str | None, until: str | None, today: date) -> tuple[date, date]:
    """Read a period of days, both included; the last thirty unless said."""
    last = _day("until", until) if until else today
    usual = _EPOCH if last < _EPOCH + timedelta(days=_USUAL) else last - timedelta(_USUAL - 1)
    first = _day("since", since) if since else usual
    if not timedelta(0) <= last - first < timedelta(days=_LONGEST):
        detail = f"until comes after since, by less than {_LONGEST} days"
        raise Unprocessable.at("/until", detail)
    return first, last


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unprocessable.at(f"/{name}", "write a day such as 2026-11-24") from None
    if not _EPOCH <= day < _LAST:
        raise Unprocessable.at(f"/{name}", "a day of our time") from None
    return day


def figures(tx: Transaction, site: SiteInForce, since: date, until: date) -> dict[str, Any]:
    """Count the answers on a site, from a day to a day, both included (UTC)."""
    if not site.statistics:
        raise StatisticsOff("statistics: false in the site's banner settings")
    days, languages, layers = _decided(tx, site, since, until)
    devices, downloads = _tallied(tx, site, since, until)
    whole: Counter[str] = sum(days.values(), Counter())
    return {
        "site": public("site", site.id),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "rounded_to": ROUNDED_TO,
        "total": _rounded(whole),
        "downloads_lower_bound": _round(sum(downloads.values())),
        "days": [
            {
                "day": day.isoformat(),
                **_rounded(days[day]),
                "downloads_lower_bound": _round(downloads[day]),
            }
            for day in _every_day(since, until)
        ],
        "languages": _named("language", languages, sorted(languages)),
        "layers": _named("layer", layers, sorted(layers)),
        "devices": _named("device", devices, DEVICES),
    }


_Table = defaultdict[Any, Counter[str]]


def _decided(
    tx: Transaction, site: SiteInForce, since: date, until: date
) -> tuple[_Table, _Table, _Table]:
    tables: tuple[_Table, _Table, _Table] = tuple(defaultdict(Counter) for _ in range(3))  # type: ignore[assignment] # three of them
    days, languages, layers = tables
    values = {
        "organisation": site.organisation,
        "site": site.id,
        "day": DAY_SECONDS * _MICROS,
        "since": _micros(since),
        "until": _micros(until + timedelta(days=1)),
    }
    for day, language, surface, action, count in tx.run(_DECIDED, values):
        answer = ANSWERS[action]
        days[_EPOCH + timedelta(days=int(day))][answer] += count
        languages[language or ""][answer] += count
        layers[surface or ""][answer] += count
    return tables


def _tallied(
    tx: Transaction, site: SiteInForce, since: date, until: date
) -> tuple[_Table, Counter[date]]:
    devices: _Table = defaultdict(Counter)
    downloads: Counter[date] = Counter()
    values = {
        "organisation": site.organisation,
        "site": site.id,
        "since": (since - _EPOCH).days,
        "until": (until - _EPOCH).days + 1,
    }
    for day, what, count in tx.run(_TALLIED, values):
        if what == DOWNLOAD:
            downloads[_EPOCH + timedelta(days=int(day))] += count
        else:
            device, _, answer = what.partition(".")
            devices[device][answer] += count
    return devices, downloads


def _named(what: str, table: _Table, order: Iterable[str]) -> list[dict[str, Any]]:
    rows = [{what: name, **_rounded(table[name])} for name in order]
    # A row of noughts would say that somebody was there, and that they were few.
    return [row for row in rows if any(row[name] for name in NAMES)]


def _rounded(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: _round(counts.get(name, 0)) for name in NAMES}


def _round(count: int) -> int:
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def _every_day(since: date, until: date) -> list[date]:
    return [since + timedelta(days=step) for step in range((until - since).days + 1)]


def _micros(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * _MICROS
