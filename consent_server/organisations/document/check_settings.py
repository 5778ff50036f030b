"""What an organisation sets for itself: it tightens its country's law, never loosens it."""

from itertools import pairwise

from . import law
from .law import minute
from .parts import Hours, Limit, Organisation, OrganisationSettings
from .periods import longer
from .reading import Reading
from .source import Node
from .vocabulary import REACHING

# CNIL délibération 2020-092 §39.
SHORTEST_ASK_AGAIN = "P6M"


def check_settings(reading: Reading) -> None:
    """Note each setting that would allow more than the law does, and why it is refused."""
    for node, settings in reading.placed(OrganisationSettings):
        if longer(SHORTEST_ASK_AGAIN, settings.ask_again_after):
            detail = f"nobody is asked again before {SHORTEST_ASK_AGAIN}, whatever they chose"
            reading.fail(node, detail, field="ask_again_after")
        seen = [limit.channel for limit in settings.limits]
        if len(set(seen)) != len(seen):
            reading.fail(node, "one limit for each channel", field="limits")
    for node, organisation in reading.placed(Organisation):
        _figures(reading, node, organisation)
    for node, limit in reading.placed(Limit):
        _limit(reading, node, limit)
    for node, hours in reading.placed(Hours):
        if minute(hours.opens) >= minute(hours.closes):
            reading.fail(node, "it closes after it opens, on the same day", field="closes")


def _figures(reading: Reading, node: Node, organisation: Organisation) -> None:
    place, settings = node.child("settings"), organisation.settings
    if place is None:
        return
    now = law.figures_of(organisation.country)[-1]
    longest = next(iter(now.phone_consent), None)
    if longest and longer(settings.phone_consent_limit, longest):
        detail = (
            f"consent to calls lasts {longest} at most (C. conso L.223-1, R.223-1); an"
            " organisation may tighten that, not loosen it: write it or less"
        )
        reading.fail(place, detail, field="phone_consent_limit")
    if settings.age_of_consent and int(settings.age_of_consent) < now.age_of_consent:
        detail = (
            f"people agree alone from {now.age_of_consent} on in {organisation.country} (GDPR"
            " art. 8); write that or more"
        )
        reading.fail(place, detail, field="age_of_consent")


def _limit(reading: Reading, node: Node, limit: Limit) -> None:
    if limit.channel not in REACHING:
        reading.fail(node, f"nobody is reached by {limit.channel}", field="channel")
    if (limit.attempts is None) != (limit.within is None):
        detail = "say both: how many `attempts`, and `within` which period"
        reading.fail(node, detail, field="within" if limit.attempts else "attempts")
    for _, organisation in reading.placed(Organisation):
        _against(reading, node, limit, law.bounds_on(organisation.country, limit.channel))


def _against(reading: Reading, node: Node, limit: Limit, bounds: law.Bounds) -> None:
    if limit.attempts and limit.within and _adds_nothing(limit, bounds):
        detail = (
            f"the law already stops at {bounds.attempts} attempts in {bounds.within} (C. conso"
            " D.223-9); write fewer, or a longer period"
        )
        reading.fail(node, detail, field="attempts")
    pause = bounds.pause_after_refusal
    if pause and limit.pause_after_refusal and longer(pause, limit.pause_after_refusal):
        detail = f"after a refusal the law wants {pause} of peace; write that or more"
        reading.fail(node, detail, field="pause_after_refusal")
    outside = [day.value for day in limit.days if day not in bounds.days]
    if outside:
        detail = f"the law allows no call on {', '.join(outside)} (C. conso D.223-9)"
        reading.fail(node, detail, field="days")
    if not all(_inside(hours, bounds) for hours in limit.hours):
        spans = [f"{_clock(opens)} to {_clock(closes)}" for opens, closes in bounds.hours]
        detail = f"the law allows calls from {', '.join(spans)} only (C. conso D.223-9)"
        reading.fail(node, detail, field="hours")
    ordered = sorted((minute(hours.opens), minute(hours.closes)) for hours in limit.hours)
    if any(before[1] > after[0] for before, after in pairwise(ordered)):
        reading.fail(node, "these hours overlap", field="hours")


def _adds_nothing(limit: Limit, bounds: law.Bounds) -> bool:
    if bounds.attempts is None or bounds.within is None:
        return False
    attempts, within = int(limit.attempts or 0), str(limit.within)
    shorter = longer(bounds.within, within)
    return (attempts >= bounds.attempts and shorter) or (
        attempts > bounds.attempts and not longer(within, bounds.within)
    )


def _inside(hours: Hours, bounds: law.Bounds) -> bool:
    opens, closes = minute(hours.opens), minute(hours.closes)
    return any(first <= opens and closes <= last for first, last in bounds.hours)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
