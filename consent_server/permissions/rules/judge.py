"""The order of the questions: what stops, what ended, what the law asks, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...organisations.document.vocabulary import CALLS
from ...subjects.rules import covers
from ..packs import DOUBT, pack_for
from ..packs.pack import protected
from ..regime import MARKETING, choose_cell
from ..values import Asked, Because, Facts, Permission, Setting
from ..when import chosen_moment, next_moment
from .by_regime import BY_REGIME
from .question import Question
from .retention import past_retention

if TYPE_CHECKING:
    from ...notices.values import Purpose
    from ...organisations.document.law import Bounds
    from ..packs import Pack


def may_contact(facts: Facts, asked: Asked, setting: Setting, now: int) -> Permission:
    """Answer one question from the facts; `now` and all times are microseconds."""
    said = _whether(facts, asked, setting, now)
    purpose = asked.purpose
    if purpose is None or not said.allowed:
        return said
    opens = _opens(facts, asked, purpose, setting, now)
    if opens == now:
        return said
    # Told only if it will be a yes: a consent may have ended by then.
    then = opens if opens and _whether(facts, asked, setting, opens).allowed else None
    return replace(said, because=Because.NOT_NOW, next_permitted_at=then)


def _opens(
    facts: Facts, asked: Asked, purpose: Purpose, setting: Setting, now: int
) -> int | None:
    """Give the first moment that the law, the organisation and the person all allow."""
    moment: int | None = now
    chosen = (facts.pauses, facts.caps, facts.attempts, purpose)
    country = _where(facts, asked, setting)
    while moment is not None:
        hers = moment
        if facts.pauses or facts.caps:
            hers = chosen_moment(*chosen, country=country, now=moment)
        ours = _open_hours(facts, purpose, setting, country, now, hers)
        if ours in (None, moment):
            return ours
        moment = ours
    return None


def _open_hours(
    facts: Facts, purpose: Purpose, setting: Setting, country: str, now: int, moment: int
) -> int | None:
    if not _bounded(facts, purpose, setting):
        return moment
    pack = pack_for(facts.country, setting.country, now)
    bounds = _bounds(facts, purpose, setting, pack)
    return next_moment(bounds, facts.attempts, purpose.channel, country=country, now=moment)


def _whether(facts: Facts, asked: Asked, setting: Setting, now: int) -> Permission:
    purpose = asked.purpose
    if purpose is None or (asked.channel and asked.channel != purpose.channel):
        return Permission(because=Because.UNKNOWN_PURPOSE)
    stopped = _stopped(facts, purpose)
    if stopped is not None:
        return Permission(because=stopped, basis=purpose.basis)
    if not facts.known:
        return Permission(because=_unknown(facts, now), basis=purpose.basis)
    if past_retention(facts, setting, now):
        return Permission(because=Because.PAST_RETENTION, basis=purpose.basis)
    pack = pack_for(facts.country, setting.country, now)
    cell = choose_cell(purpose, facts, pack, now)
    return BY_REGIME[cell.regime](Question(facts, purpose, setting, pack, cell, now))


def _bounded(facts: Facts, purpose: Purpose, setting: Setting) -> bool:
    # Whoever is asked for what she wants or owes is not being sold anything.
    if purpose.kind not in MARKETING:
        return False
    return purpose.channel in setting.bounds or (purpose.channel in CALLS and protected(facts))


def _bounds(facts: Facts, purpose: Purpose, setting: Setting, pack: Pack) -> list[Bounds]:
    found = [setting.bounds.get(purpose.channel)]
    if protected(facts):
        found.append(pack.figures.bounds.get(purpose.channel))
    return [each for each in found if each is not None]


def _where(facts: Facts, asked: Asked, setting: Setting) -> str:
    if asked.territory:
        return asked.territory
    return facts.country if facts.country and facts.country != DOUBT else setting.country


def _stopped(facts: Facts, purpose: Purpose) -> Because | None:
    if facts.restricted:
        return Because.RESTRICTED
    if facts.deceased:
        return Because.DECEASED
    covering = [
        each
        for each in facts.suppressions
        if covers(each.scope, purpose) and purpose.id not in each.lifted
    ]
    if not covering:
        return None
    erased = not facts.known and all(each.reason == "erased" for each in covering)
    return Because.ERASED if erased else Because.SUPPRESSED


def _unknown(facts: Facts, now: int) -> Because:
    erased = any(each.reason == "erased" for each in facts.suppressions)
    # By no suppression, perhaps, but by the vault: until its day, and no longer.
    return Because.ERASED if erased or now < facts.erased_until else Because.NEVER_ASKED
