"""Where a visit's main-thread time goes: the browser's own trace, summed by what it did."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bench.banner.trace import own_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


def explain(browser: Browser, address: str, rounds: int) -> dict[str, float]:
    """Give the milliseconds of processor time that each kind of event itself took."""
    spent: dict[str, float] = defaultdict(float)
    for _ in range(rounds):
        for name, micro in own_times(browser, address):
            spent[name] += micro / 1000 / rounds
    return spent


def lines(ours: dict[str, float], bare: dict[str, float]) -> Iterator[str]:
    """Write what ours adds, the largest first."""
    added = {name: ours.get(name, 0) - bare.get(name, 0) for name in ours | bare}
    yield f"{'event of the main thread, its own time':<52}{'bare':>8}{'ours':>8}{'added':>8}"
    for name in sorted(added, key=lambda each: -added[each]):
        if abs(added[name]) >= 0.1:
            yield (
                f"{name[:51]:<52}{bare.get(name, 0):>8.2f}{ours.get(name, 0):>8.2f}"
                f"{added[name]:>8.2f}"
            )
    yield f"{'all':<52}{sum(bare.values()):>8.2f}{sum(ours.values()):>8.2f}"
