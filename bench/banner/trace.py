"""What the browser's own trace says of one visit: what its main thread did, and how long."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

# What a page's scripts are: read, compiled, run, called back, and what their promises do
# afterwards, which `Performance.getMetrics` leaves out.
SCRIPT: Final = {
    "EvaluateScript",
    "FunctionCall",
    "RunMicrotasks",
    "v8.callFunction",
    "v8.compile",
    "v8.compileModule",
    "v8.evaluateModule",
    "v8.produceCache",
    "v8.run",
}
# What a script makes the page do at once is the page's, and counted as such.
_PAGE: Final = {"Layout", "UpdateLayoutTree"}
_FEW: Final = ("devtools.timeline", "v8")
EVERYTHING: Final = (*_FEW, "blink", "disabled-by-default-v8.compile")
_SETTLED: Final = 1000

Event = dict[str, Any]


def script_time(browser: Browser, address: str) -> float:
    """Give the milliseconds of processor time that scripts took on the page's main thread."""
    spent = 0.0
    for event, own, around in _nested(_events(browser, address, _FEW), address):
        names = [each["name"] for each in (*around, event)]
        if SCRIPT.intersection(names) and not _PAGE.intersection(names):
            spent += own
    return spent / 1000


def own_times(browser: Browser, address: str) -> Iterator[tuple[str, float]]:
    """Give each event's microseconds of processor time without those of the events inside."""
    for event, own, _ in _nested(_events(browser, address, EVERYTHING), address):
        yield event["name"], own


def _events(browser: Browser, address: str, categories: tuple[str, ...]) -> list[Event]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    page = context.new_page()
    browser.start_tracing(page=page, categories=list(categories))
    page.goto(address, wait_until="load")
    page.wait_for_timeout(_SETTLED)
    told = json.loads(browser.stop_tracing())
    context.close()
    events: list[Event] = told["traceEvents"]
    return events


def _nested(events: list[Event], address: str) -> Iterator[tuple[Event, float, list[Event]]]:
    """Give each event of the page's main thread, its own time, and those it happened in."""
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
    # Of each open event: when it ends, and the time of those inside it so far.
    stack: list[tuple[float, Event, list[float]]] = []
    for event in sorted(page, key=lambda each: (each["ts"], -each["dur"])):
        while stack and stack[-1][0] <= event["ts"]:
            yield _closed(stack)
        if stack:
            stack[-1][2][0] += event["tdur"]
        stack.append((event["ts"] + event["dur"], event, [0.0]))
    while stack:
        yield _closed(stack)


def _closed(
    stack: list[tuple[float, Event, list[float]]],
) -> tuple[Event, float, list[Event]]:
    _, event, inside = stack.pop()
    return event, max(event["tdur"] - inside[0], 0), [each for _, each, _ in stack]
