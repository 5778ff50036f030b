"""What one visit costs and when things happen, as Chromium's own instruments tell."""

from __future__ import annotations

import json
import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.banner.trace import script_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, CDPSession, Page

    from bench.banner.contestants import Contestant

_WATCH: Final = (Path(__file__).parent / "watch.js").read_text("utf-8")
# Longer than any of them takes until it stands still.
_SETTLED: Final = 1000
_OFTEN: Final = 200
_APPEARS: Final = 6000
_GONE: Final = 2000
# In seconds: how long a finger stays on the button at least, and how long the screen shows one
# frame.
_HELD: Final = 0.08
_FRAME: Final = 1 / 60
# When the button was pressed and when the last frame began, by the clock on the wall: the page
# and this process share it.
_PRESSED: Final = """() => {
  const { pressed, frame } = window.__seen
  return [pressed, frame].map((moment) => (performance.timeOrigin + moment) / 1000)
}"""
_PAINT: Final = "() => performance.getEntriesByName('first-paint')[0]?.startTime ?? null"
_IS_PAINTED: Final = "() => window.__seen.painted !== null"
_CENTRE: Final = """path => {
  const { left, top, width, height } = window.__find(path).getBoundingClientRect()
  return { x: left + width / 2, y: top + height / 2 }
}"""


@dataclass(frozen=True)
class Cost:
    """What one visit cost the page's main thread, in milliseconds of its processor time."""

    cpu: float
    script: float
    layouts: int
    styles: int
    heap: int
    requests: int


@dataclass(frozen=True)
class Moments:
    """When things were on the screen, in milliseconds since the visit began."""

    first_paint: float
    painted: float | None
    gone: float | None
    frames: int
    analytics: float | None
    shift: float


class Under(Enum):
    """What a click falls into: how much the processor is slowed, and what the page does."""

    AT_REST = 1, False
    # As one with a film or an animation on it: it asks for the next frame all the time, and
    # nothing can be gone before the one that is next in turn.
    DRAWING = 1, True
    SLOWED = 4, False

    @property
    def rate(self) -> int:
        """Give by how much the processor is slowed."""
        return self.value[0]

    @property
    def draws(self) -> bool:
        """Tell whether the page draws all the time."""
        return self.value[1]


@contextmanager
def _visit(browser: Browser) -> Iterator[tuple[Page, CDPSession]]:
    # A profile of its own each time: nothing is cached, and nobody has answered.
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    context.set_default_timeout(20_000)
    try:
        page = context.new_page()
        yield page, context.new_cdp_session(page)
    finally:
        context.close()


def cost(browser: Browser, address: str, contestant: Contestant | None) -> Cost:
    """Measure one visit that nothing in the page watches."""
    with _visit(browser) as (page, session):
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address, wait_until="load")
        page.wait_for_timeout(_SETTLED)
        told = _metrics(session)
        session.send("HeapProfiler.enable")
        for _ in range(2):
            session.send("HeapProfiler.collectGarbage")
        heap = _metrics(session)["JSHeapUsedSize"]
        # After the figures: a look costs a layout, and memory, of its own.
        if contestant:
            _must_be_seen(page, contestant)
    # On a visit of its own: the trace costs time too, though not of what it tells.
    script = script_time(browser, address)
    return Cost(
        cpu=(told["TaskDuration"] - told.get("DevToolsCommandDuration", 0)) * 1000,
        script=script,
        layouts=int(told["LayoutCount"]),
        styles=int(told["RecalcStyleCount"]),
        heap=int(heap),
        requests=sum(url.startswith("http") for url in requests) - 1,
    )


def _metrics(session: CDPSession) -> dict[str, float]:
    told = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in told}


def _must_be_seen(page: Page, contestant: Contestant) -> None:
    path = contestant.banner.replace(">>>", "")
    page.wait_for_selector(path, state="visible", timeout=5000)


def moments(
    browser: Browser, address: str, contestant: Contestant | None, under: Under, phase: float
) -> Moments:
    """See when the banner is painted, press "accept", and see when it has gone.

    `phase` is the part of a frame that has passed when the button is let go, where the page
    draws all the time: a finger knows nothing of frames.
    """
    with _visit(browser) as (page, session):
        banner = contestant.banner if contestant else "no-such-banner"
        watched = {"banner": banner, "drawing": under.draws}
        page.add_init_script(_WATCH.replace("__WATCHED__", json.dumps(watched)))
        session.send("Emulation.setCPUThrottlingRate", {"rate": under.rate})
        page.goto(address, wait_until="load")
        if contestant:
            # Asked seldom: each question is work of the page's own thread.
            page.wait_for_function(_IS_PAINTED, polling=_OFTEN, timeout=_APPEARS)
        page.wait_for_timeout(_SETTLED)
        first_paint = page.evaluate(_PAINT)
        ran = None
        if contestant:
            _click(page, session, contestant.accept, phase)
            # Not asked before it is over: what is asked runs on the page's own thread, and
            # waits in line before or after the frame that is measured.
            page.wait_for_timeout(_OFTEN)
            page.wait_for_function(
                "() => window.__seen.gone !== null && window.analyticsRan", timeout=_GONE * 5
            )
            ran = page.evaluate("() => window.analyticsRan")
        seen = page.evaluate("() => window.__seen")
        return Moments(
            first_paint=first_paint,
            painted=seen["painted"],
            gone=_since(seen["clicked"], seen["gone"]),
            frames=seen["frames"],
            analytics=_since(seen["clicked"], ran),
            shift=seen["shift"],
        )


def _click(page: Page, session: CDPSession, path: str, phase: float) -> None:
    at: dict[str, Any] = page.evaluate(_CENTRE, path)

    def mouse(kind: str, **more: Any) -> None:
        session.send("Input.dispatchMouseEvent", {"type": kind, **at, **more})

    mouse("mouseMoved")
    sent = time.time()
    mouse("mousePressed", button="left", clickCount=1)
    pressed, frame = page.evaluate(_PRESSED)
    # The command takes its time to become an event: it is sent so much earlier.
    moment = frame + phase * _FRAME - (pressed - sent)
    moment += math.ceil((sent + _HELD - moment) / _FRAME) * _FRAME
    time.sleep(max(moment - time.time(), 0))
    mouse("mouseReleased", button="left", clickCount=1)


def _since(begun: float | None, ended: float | None) -> float | None:
    return None if begun is None or ended is None else ended - begun
