"""Where a visit's main-thread time goes: the browser's own trace, summed by what it did."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_CATEGORIES: Final = ["devtools.timeline", "v8", "blink", "disabled-by-default-v8.compile"]
_SETTLED: Final = 1500


def explain(browser: Browser, address: str, rounds: int) -> dict[str, float]:
    """Give the milliseconds of processor time that each kind of event itself took."""
    spent: dict[str, float] = defaultdict(float)
    for _ in range(rounds):
        for name, micro in _own_times(_trace(browser, address), address):
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


def _trace(browser: Browser, address: str) -> list[dict[str, Any]]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    page = context.new_page()
    browser.start_tracing(page=page, categories=_CATEGORIES)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(_SETTLED)
    told = json.loads(browser.stop_tracing())
    context.close()
    events: list[dict[str, Any]] = told["traceEvents"]
    return events


def _own_times(events: list[dict[str, Any]], address: str) -> Iterator[tuple[str, float]]:
    """Give each event's processor time without that of the events inside it."""
    # Other pages live beside ours: a spare renderer, the browser's own first tab.
    thread = next(
        (each["pid"], each["tid"])
        for each in events
        if each["name"] == "ParseHTML" and each["args"]["beginData"]["url"] == address
    )
    page = [
        each
        for each in events
        if each["ph"] == "X" and "tdur" in each and (each["pid"], each["tid"]) == thread
    ]
    stack: list[tuple[float, dict[str, Any], list[float]]] = []
    for event in sorted(page, key=lambda each: (each["ts"], -each["dur"])):
        while stack and stack[-1][0] <= event["ts"]:
            yield _closed(stack.pop())
        if stack:
            stack[-1][2][0] += event["tdur"]
        stack.append((event["ts"] + event["dur"], event, [0.0]))
    while stack:
        yield _closed(stack.pop())


def _closed(entry: tuple[float, dict[str, Any], list[float]]) -> tuple[str, float]:
    _, event, inside = entry
    return event["name"], max(event["tdur"] - inside[0], 0)
