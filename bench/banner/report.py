"""The table: each figure beside the best of the others, its target, and yes or no."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.banner.contestants import BARE, OURS
from bench.banner.measure import Under

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bench.banner.rounds import Measured

_Figure = dict[str, float]


@dataclass(frozen=True)
class Row:
    """One figure of the table."""

    name: str
    # Infinite where nothing is asked: it is there to be seen.
    target: float
    of: Callable[[Measured, Measured], float]
    shown: str = "{:.1f}"
    more_is_better: bool = False

    def figures(self, found: Mapping[str, Measured]) -> _Figure:
        """Give the figure of each banner."""
        bare = found[BARE]
        return {name: self.of(one, bare) for name, one in found.items() if name != BARE}

    def reached(self, figures: _Figure) -> bool:
        """Tell whether ours keeps what the third issue asks."""
        ours = figures[OURS]
        return ours >= self.target if self.more_is_better else ours <= self.target


def _added(name: str, per: float = 1) -> Callable[[Measured, Measured], float]:
    return lambda one, bare: (one.cost(name) - bare.cost(name)) / per


def _after_first_paint(under: Under) -> Callable[[Measured, Measured], float]:
    # The first paint of the page without a banner: one that delays the page gains nothing.
    return lambda one, bare: one.moment("painted", under) - bare.moment("first_paint", under)


def _broken(layer: int) -> Callable[[Measured, Measured], float]:
    return lambda one, _: (
        len(one.violations[layer]) if len(one.violations) > layer else float("nan")
    )


def _gone_while_drawing(one: Measured, _: Measured) -> float:
    # Half a frame of it, 8.3 ms, is the wait for the next one.
    return one.moment("gone", Under.DRAWING)


ROWS: Final = (
    Row("files, brotli, bytes", 8192, lambda one, _: one.bytes, "{:,.0f}"),
    Row("… with what the page carries", 8192, lambda one, _: one.whole_bytes, "{:,.0f}"),
    Row("requests", 1, _added("requests"), "{:.0f}"),
    Row("main-thread CPU added, ms", 15, _added("cpu")),
    Row("script, ms", 4, _added("script")),
    Row("heap added, KiB", 100, _added("heap", 1024), "{:.0f}"),
    Row("layouts added", 1, _added("layouts"), "{:.0f}"),
    Row("style recalculations added", 4, _added("styles"), "{:.0f}"),
    Row("layout shift", 0, lambda one, _: one.moment("shift"), "{:.3f}"),
    Row("painted after first paint, ms", 60, _after_first_paint(Under.AT_REST), "{:.0f}"),
    Row("… processor four times slower", 200, _after_first_paint(Under.SLOWED), "{:.0f}"),
    Row("click to banner gone, ms", 10, lambda one, _: one.moment("gone")),
    Row("… frames", 1, lambda one, _: one.moment("frames"), "{:.0f}"),
    Row("… on a page that always draws", math.inf, _gone_while_drawing),
    Row("click to analytics running, ms", 14, lambda one, _: one.moment("analytics")),
    Row("axe, first layer: rules broken", 0, _broken(0), "{:.0f}"),
    Row("axe, second layer", 0, _broken(1), "{:.0f}"),
    Row("languages", 30, lambda one, _: one.languages, "{:.0f}", more_is_better=True),
)  # fmt: skip


def lines(found: Mapping[str, Measured]) -> Iterator[str]:
    """Write the table."""
    names = [name for name in found if name not in {BARE, OURS}]
    yield f"{'':<34}{'ours':>9}{'asked':>9}{'':>5}" + "".join(f"{n[:13]:>15}" for n in names)
    for row in ROWS:
        figures = row.figures(found)
        others = "".join(f"{_say(row, figures[name]):>15}" for name in names)
        yield f"{row.name:<34}{_say(row, figures[OURS]):>9}{_asked(row, figures)}{others}"
    bare = found[BARE]
    yield (
        f"the page without a banner: CPU {bare.cost('cpu'):.1f} ms, script"
        f" {bare.cost('script'):.1f}, heap {bare.cost('heap') / 1024:,.0f} KiB, layouts"
        f" {bare.cost('layouts'):.0f}, style recalculations {bare.cost('styles'):.0f},"
        f" first paint {bare.moment('first_paint'):.0f} and"
        f" {bare.moment('first_paint', Under.SLOWED):.0f} ms"
    )
    yield (
        f"between the quartiles of CPU: bare {bare.spread('cpu'):.1f} ms, ours"
        f" {found[OURS].spread('cpu'):.1f} ms (a quiet machine shows less than 3)"
    )


def _asked(row: Row, figures: _Figure) -> str:
    if math.isinf(row.target):
        return f"{'–':>9}{'':>5}"
    target = ("≥ " if row.more_is_better else "≤ ") + row.shown.format(row.target)
    return f"{target:>9}{'yes' if row.reached(figures) else 'NO':>5}"


def _say(row: Row, value: float) -> str:
    if math.isnan(value):
        return "–"
    return "never" if math.isinf(value) else row.shown.format(value)
