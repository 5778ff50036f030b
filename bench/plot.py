"""A plot of how cost grows: an SVG of plain lines, both axes logarithmic."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 210, 30, 50
# Told apart by hue and by dash, so also without colours.
_STYLES = (
    ("#0b5394", ""),
    ("#0b5394", "6 3"),
    ("#0b5394", "2 3"),
    ("#b45f06", ""),
    ("#b45f06", "6 3"),
    ("#b45f06", "2 3"),
    ("#555555", "1 4"),
)


@dataclass(frozen=True)
class Line:
    """One line of the plot: people known, and microseconds for a line of the list."""

    name: str
    points: list[tuple[int, float]]


def plot(lines: list[Line]) -> str:
    """Draw the lines."""
    places = [point for line in lines for point in line.points]
    across = _axis([x for x, _ in places], _LEFT, WIDTH - _RIGHT)
    up = _axis([y for _, y in places], HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12" role="img"'
        ' aria-label="Microseconds for a line of a list, as the number of people grows">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="18">µs of processor time for a line</text>',
        f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 10}" text-anchor="end">people known</text>',
    ]
    parts += [
        _tick(across.at(value), HEIGHT - _BOTTOM + 16, f"{value:,.0f}", "middle")
        for value in across.ticks
    ]
    for value in up.ticks:
        y = up.at(value)
        parts.append(_tick(_LEFT - 6, y + 4, f"{value:g}", "end"))
        end = WIDTH - _RIGHT
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{end}" stroke="#ddd" fill="none"/>')
    for number, line in enumerate(lines):
        parts += _drawn(line, number, across, up)
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class _Axis:
    low: int
    high: int
    begin: int
    end: int

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]

    def at(self, value: float) -> float:
        part = (log10(value) - self.low) / (self.high - self.low)
        return self.begin + part * (self.end - self.begin)


def _axis(values: list[int] | list[float], begin: int, end: int) -> _Axis:
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return _Axis(low, max(high, low + 1), begin, end)


def _tick(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#555">{text}</text>'


def _drawn(line: Line, number: int, across: _Axis, up: _Axis) -> list[str]:
    colour, dash = _STYLES[number % len(_STYLES)]
    places = [f"{across.at(x):.1f} {up.at(y):.1f}" for x, y in sorted(line.points)]
    stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" fill="none"'
    x, y = WIDTH - _RIGHT + 16, _TOP + 10 + 20 * number
    return [
        f'<path d="M{"L".join(places)}" {stroke}/>',
        f'<path d="M{x} {y}h28" {stroke}/>',
        f'<text x="{x + 34}" y="{y + 4}">{escape(line.name)}</text>',
    ]
