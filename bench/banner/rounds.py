"""Rounds: every banner in turn, forwards and then backwards, so that noise falls on all."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import brotli
import httpx

from bench.banner.contestants import BARE, CONTESTANTS, Contestant
from bench.banner.fairness import languages, violations
from bench.banner.measure import Cost, Moments, Under, cost, moments
from bench.banner.serve import STYLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from bench.banner.serve import Pages

# How many visits press the button in each round: where a click falls in a frame is only
# roughly what was meant, and one of five would decide.
CLICKS: Final = {Under.AT_REST: 3, Under.DRAWING: 3, Under.SLOWED: 1}


@dataclass
class Measured:
    """What was found out about one banner."""

    costs: list[Cost] = field(default_factory=list)
    moments: dict[Under, list[Moments]] = field(default_factory=dict)
    bytes: int = 0
    markup_bytes: int = 0
    languages: int = 0
    violations: list[list[str]] = field(default_factory=list)

    @property
    def whole_bytes(self) -> int:
        """Count the files, and what the page itself carries: configuration, words, markup."""
        return self.bytes + self.markup_bytes

    def cost(self, name: str) -> float:
        """Give the median of what a visit cost."""
        return float(statistics.median(getattr(one, name) for one in self.costs))

    def moment(self, name: str, under: Under = Under.AT_REST) -> float:
        """Give the median of a moment, and infinity when it never came."""
        seen = [getattr(one, name) for one in self.moments[under]]
        return float(statistics.median(float("inf") if each is None else each for each in seen))

    def spread(self, name: str) -> float:
        """Give the distance of a cost's quartiles: how quiet the machine was."""
        values = [getattr(one, name) for one in self.costs]
        if len(values) < 2:
            return 0.0
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return float(high - low)


def measure(
    browser: Browser,
    origin: str,
    pages: Pages,
    ours: str,
    *,
    rounds: int,
    say: Callable[[str], None],
) -> dict[str, Measured]:
    """Measure all of them, and the page without any."""
    turns: list[Contestant | None] = [None, *CONTESTANTS]
    found = {_name(each): Measured() for each in turns}
    for each in turns:
        # Once for nothing: the browser's own caches of code are filled for all alike.
        cost(browser, f"{origin}/{_name(each)}", each)
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for each in turns if number % 2 == 0 else reversed(turns):
            _turn(browser, origin, each, found[_name(each)], number, rounds)
    for contestant in CONTESTANTS:
        one = found[contestant.name]
        one.bytes, one.markup_bytes = _weigh(browser, origin, pages, ours, contestant.name)
        one.languages = languages(contestant)
        one.violations = violations(browser, f"{origin}/{contestant.name}", contestant)
    return found


def _name(contestant: Contestant | None) -> str:
    return contestant.name if contestant else BARE


def _turn(
    browser: Browser,
    origin: str,
    contestant: Contestant | None,
    into: Measured,
    number: int,
    rounds: int,
) -> None:
    address = f"{origin}/{_name(contestant)}"
    into.costs.append(cost(browser, address, contestant))
    for under, clicks in CLICKS.items():
        for nth in range(clicks):
            phase = (number + (nth + 0.5) / clicks) / rounds
            seen = moments(browser, address, contestant, under, phase)
            into.moments.setdefault(under, []).append(seen)


def _weigh(
    browser: Browser, origin: str, pages: Pages, ours: str, name: str
) -> tuple[int, int]:
    """Weigh the files a first visit fetches, and what the page itself carries for them."""
    page = browser.new_page(locale="fr-FR")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}/{name}", wait_until="load")
    page.wait_for_timeout(1500)
    page.close()
    files = [url for url in asked[1:] if url.startswith("http") and not url.endswith(STYLE)]
    whole = sum(_ours_packed(ours) if url == ours else _packed(pages, url) for url in files)
    markup = [
        len(brotli.compress(pages.documents[f"/{each}"].encode())) for each in (name, BARE)
    ]
    return whole, max(markup[0] - markup[1], 0)


def _packed(pages: Pages, url: str) -> int:
    found = pages.find(re.sub(r"^https?://[^/]+|\?.*", "", url))
    assert found is not None, url
    return len(found[1])


def _ours_packed(url: str) -> int:
    with httpx.stream("GET", url, headers={"Accept-Encoding": "br"}, trust_env=False) as answer:
        assert answer.headers["content-encoding"] == "br"
        return len(b"".join(answer.iter_raw()))


def as_json(found: dict[str, Measured]) -> dict[str, Any]:
    """Give every figure, each round's too."""
    return {
        name: {
            "bytes": one.bytes,
            "markup_bytes": one.markup_bytes,
            "languages": one.languages,
            "violations": one.violations,
            "costs": [vars(each) for each in one.costs],
            "moments": {
                under.name.lower(): [vars(each) for each in seen]
                for under, seen in one.moments.items()
            },
        }
        for name, one in found.items()
    }
