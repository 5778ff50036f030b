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
from ..when import next_moment
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
    if purpose is None or not said.allowed or not _bounded(facts, purpose, setting):
        return said
    pack = pack_for(facts.country, setting.country, now)
    opens = next_moment(
        _bounds(facts, purpose, setting, pack),
        facts.attempts,
        purpose.channel,
        country=_where(facts, asked, setting),
        now=now,
    )
    if opens == now:
        return said
    # Told only if it will be a yes: a consent may have ended by then.
    then = opens if opens and _whether(facts, asked, setting, opens).allowed else None
    return replace(said, because=Because.NOT_NOW, next_permitted_at=then)


def _whether(facts: Facts, asked: Asked, setting: Setting, now: int) -> Permission:
    purpose = asked.purpose
    if purpose is None or (asked.channel and asked.channel != purpose.channel):
        return Permission(because=Because.UNKNOWN_PURPOSE)
    stopped = _stopped(facts, purpose)
    if stopped is not None:
        return Permission(because=stopped, basis=purpose.basis)
    if not facts.known:
        return Permission(because=_unknown(facts), basis=purpose.basis)
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


def _unknown(facts: Facts) -> Because:
    erased = any(each.reason == "erased" for each in facts.suppressions)
    return Because.ERASED if erased else Because.NEVER_ASKED
