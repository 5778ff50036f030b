"""What visitors answered to the banner, and how they changed their minds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339
from .steps import Step, Way, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from .setting import Setting, Span

_NO: Final = "refused"
_YES: Final = "granted"
# About half of the banner's visitors accept all, a third refuse all, the rest choose.
_MIX: Final = ("accept_all",) * 9 + ("refuse_all",) * 6 + ("save",) * 4 + ("gpc",)
# After six months a tracker's choice is asked again.
_ASKED_AGAIN: Final = 183

# One visitor for each thing that can have happened; days are counted back from the end.
_CERTAIN: Final[tuple[tuple[tuple[float, str], ...], ...]] = (
    ((9, "accept_all"),),
    ((12, "refuse_all"),),
    ((60, "accept_all"), (31, "withdraw_all")),
    ((165, "accept_all"),),
    ((301, "accept_all"),),
    ((22, "save"),),
    ((45, "gpc"),),
    ((312, "accept_all"), (88, "accept_all")),
    ((150, "accept_all"), (72, "refuse_all")),
    ((40, "refuse_all"), (39, "accept_all")),
)


@dataclass
class _Visitor:
    """One browser that was seen on one site."""

    setting: Setting
    span: Span
    name: str
    random: Random
    language: str
    previous: str | None = None
    steps: list[Step] = field(default_factory=list)

    def act(self, at: datetime, action: str) -> None:
        step = name_of(self.name, len(self.steps))
        body: dict[str, Any] = {
            "id": step,
            "visitor": self.name,
            "language": self.language,
            "action": action,
            "choices": self._choices(action),
            "surface": "demo",
            "decided_at": rfc3339(at),
        }
        if self.previous:
            body["previous"] = self.previous
        if action == "gpc":
            body["signals"] = {"gpc": True}
        self.previous = step
        self.steps.append(
            Step(
                at=at,
                organisation=self.setting.slug,
                way=Way.BANNER,
                name=step,
                body=body,
                notice=self.setting.banner,
            )
        )

    def _choices(self, action: str) -> dict[str, str]:
        trackers = self.setting.trackers
        if action == "accept_all":
            return dict.fromkeys(trackers, _YES)
        if action != "save":
            return dict.fromkeys(trackers, _NO)
        # Whoever chooses mostly lets the audience be measured, and rarely the advertising.
        first, *others = trackers
        return {first: _YES, **{each: self.random.choice((_YES, _NO, _NO)) for each in others}}


def visits(
    setting: Setting, span: Span, seed: str, people: int, random: Random
) -> Iterator[Step]:
    """Tell the steps of this many visitors of one organisation's site."""
    for number in range(people):
        visitor = _Visitor(
            setting=setting,
            span=span,
            name=name_of(seed, setting.slug, "visitor", number),
            random=random,
            language=random.choice(("fr", "fr", "fr", "fr", "en")),
        )
        if number < len(_CERTAIN):
            for days, action in _CERTAIN[number]:
                visitor.act(daytime(span.back(days), random), action)
        else:
            _live(visitor)
        yield from visitor.steps


def _live(visitor: _Visitor) -> None:
    random, span = visitor.random, visitor.span
    first = daytime(span.back(random.uniform(2, 395)), random)
    action = random.choice(_MIX)
    visitor.act(first, action)
    last = first
    if random.random() < 0.12:
        last = daytime(first + timedelta(days=random.uniform(1, 50)), random)
        if last < span.back(1):
            changed = "accept_all" if action in {"refuse_all", "gpc"} else "withdraw_all"
            visitor.act(last, changed)
    if random.random() < 0.45:
        ended = last + timedelta(days=_ASKED_AGAIN)
        again = min(ended, span.changes) if last < span.changes else ended
        back = daytime(again + timedelta(days=random.uniform(1, 60)), random)
        if last < back < span.back(1):
            visitor.act(back, random.choice((action, action, *_MIX)))


def daytime(day: datetime, random: Random) -> datetime:
    """Move a moment into the hours when people are awake, on the same day."""
    hour = random.choice((7, 8, 9, 9, 10, 10, 11, 12, 13, 14, 14, 15, 16, 17, 18, 20, 21))
    return day.replace(
        hour=hour,
        minute=random.randrange(60),
        second=random.randrange(60),
        microsecond=random.randrange(1_000_000),
    )
