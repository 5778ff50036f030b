"""May we? One pure answer with its reason, in the order of design.md §6. Doubt is no."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..clock import add_period, from_micros, to_micros
from ..decisions.rules import EVIDENCED, STRENGTH, WITNESSED_BY_KEY, Stands, settle, stands
from ..organisations.document.vocabulary import CALLS
from ..subjects.rules import covers as covers
from .packs import DOUBT, pack_for
from .packs.pack import protected
from .regime import MARKETING, choose_cell
from .values import Asked, Because, Facts, Permission, Regime, Relationship, Setting
from .when import next_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..decisions.rules import Yes
    from ..notices.values import Purpose
    from ..organisations.document.law import Bounds
    from .packs import Cell, Pack

_OF_STATE: Final = {
    "never_asked": Because.NEVER_ASKED,
    "unconfirmed": Because.UNCONFIRMED,
    "refused": Because.REFUSED,
    "withdrawn": Because.WITHDRAWN,
    "objected": Because.OBJECTED,
    "expired": Because.EXPIRED,
    "superseded": Because.SUPERSEDED,
}
_NOES: Final = frozenset({"refused", "withdrawn", "objected"})


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
    return _ANSWERS[cell.regime](_Question(facts, purpose, setting, pack, cell, now))


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


def past_retention(facts: Facts, setting: Setting, now: int) -> bool:
    """Tell whether every relationship's data should be gone, deleted or not (A8)."""
    limits = [
        limit
        for each in facts.relationships
        if (limit := kept_until(each, facts, setting)) is not None
    ]
    kept_for_ever = len(limits) < len(facts.relationships)
    return bool(limits) and not kept_for_ever and max(limits) <= now


def kept_until(relationship: Relationship, facts: Facts, setting: Setting) -> int | None:
    """Tell until when a relationship's data may be kept; None if nothing says so."""
    rule = setting.retention.get(relationship.kind)
    if rule is None:
        return None
    start: int | None = relationship.since or relationship.recorded_at
    if rule.counts_from == "last_contact":
        start = max(start or 0, facts.last_contact or 0)
    elif rule.counts_from in {"end_of_relation", "settlement"}:
        start = relationship.until
    if start is None:
        return None
    return to_micros(add_period(from_micros(start), rule.period))


class _Question:
    """One question with everything its answer needs."""

    def __init__(
        self,
        facts: Facts,
        purpose: Purpose,
        setting: Setting,
        pack: Pack,
        cell: Cell,
        now: int,
    ) -> None:
        self.facts = facts
        self.purpose = purpose
        self.setting = setting
        self.pack = pack
        self.cell = cell
        self.now = now

    def standing(self) -> Stands:
        alone = self.purpose.kind == "tracker"
        stood = stands(self.facts.rows, self.facts.identifiers, alone=alone)
        noes = [row.no for row in self.facts.rows if row.no is not None]
        if self.facts.shared and stood.state == "granted" and noes:
            # Whoever shares it may answer: the yes of one is no yes over another's no.
            last = max(noes, key=lambda no: (no.recorded_at, no.decision))
            return Stands(state="refused", yes=stood.yes, no=last)
        return stood

    def answer(self, because: Because, stood: Stands | None = None) -> Permission:
        yes = stood.yes if stood else None
        no = stood.no if stood else None
        decided = no or yes
        return Permission(
            because=because,
            regime=self.cell.regime,
            basis=self.purpose.basis,
            decision=decided.decision if decided else None,
            version=yes.version if yes and not no else None,
            since=_since(stood),
            expires_at=self.expiry(stood) if stood else None,
            cell=self.cell,
            pack=self.pack.name,
        )

    def expiry(self, stood: Stands) -> int | None:
        yes = stood.yes
        if yes is None or stood.no is not None:
            return None
        ends = [yes.expires_at] if yes.expires_at is not None else []
        if self.purpose.channel in CALLS:
            # A consent to calls never renews itself (C. conso L.223-1, R.223-1; PRO-3).
            limits = (self.setting.phone_limit, *self.pack.figures.phone_consent)
            given = from_micros(yes.given_at)
            ends += [to_micros(add_period(given, limit)) for limit in limits if limit]
        return min(ends) if ends else None


def _since(stood: Stands | None) -> int | None:
    if stood is None:
        return None
    if stood.no is not None:
        return stood.no.since or stood.no.recorded_at
    return stood.yes.given_at if stood.yes else None


def _by_consent(question: _Question) -> Permission:
    facts, purpose = question.facts, question.purpose
    stood = question.standing()
    yes = stood.yes
    if stood.state == "never_asked" and _could_rest_on_interest(facts, purpose):
        return question.answer(Because.INFORMATION_MISSING, stood)
    if stood.state != "granted" or yes is None:
        return question.answer(_OF_STATE[stood.state], stood)
    if _minor(facts, question.setting, question.pack, question.now):
        return question.answer(Because.MINOR, stood)
    expiry = question.expiry(stood)
    if expiry is not None and expiry <= question.now:
        return question.answer(Because.EXPIRED, stood)
    floor = question.setting.floors.get((yes.notice or 0, purpose.id), 0)
    state = settle(stood, floor=floor, now=question.now)
    if state != "granted":
        return question.answer(_OF_STATE[state], stood)
    needed = STRENGTH.get(purpose.assertion, STRENGTH[WITNESSED_BY_KEY])
    if STRENGTH[yes.assertion] < needed or not _knew_the_words(yes):
        return question.answer(Because.UNPROVEN, stood)
    return question.answer(Because.CONSENT, stood)


def _knew_the_words(yes: Yes) -> bool:
    # A yes to legitimate interest is taken without words; where the law asks for consent
    # it is one only with the words it answers, or with evidence (design.md §3, decision).
    return yes.notice is not None or yes.assertion == EVIDENCED


def _could_rest_on_interest(facts: Facts, purpose: Purpose) -> bool:
    # Taken for a consumer because nothing says otherwise: what would help is to know her,
    # not to ask her.
    unknown = facts.capacity is None or not facts.relationships
    return purpose.basis == "legitimate_interest" and unknown


def _minor(facts: Facts, setting: Setting, pack: Pack, now: int) -> bool:
    if facts.birth_year is None:
        return False
    # Only the year is kept: whoever may still be too young is (GDPR art. 8; I&L art. 45).
    age = max(setting.age_of_consent, pack.figures.age_of_consent)
    return from_micros(now).year - facts.birth_year <= age


def _unless_objected(question: _Question) -> Permission:
    stood = question.standing()
    if stood.state in _NOES:
        return question.answer(_OF_STATE[stood.state], stood)
    if question.facts.shared and stood.state != "granted":
        # Nobody knows which of those who share it would be reached.
        return question.answer(Because.NEVER_ASKED, stood)
    if not _may_rest_on_interest(question.facts, question.now):
        return question.answer(Because.INFORMATION_MISSING, stood)
    soft = question.cell.regime is Regime.SOFT_OPT_IN
    return question.answer(Because.SOFT_OPT_IN if soft else Because.LEGITIMATE_INTEREST, stood)


def _may_rest_on_interest(facts: Facts, now: int) -> bool:
    return any(
        each.current(now)
        and (not each.third_party or (each.informed_at is not None and each.informed_at <= now))
        for each in facts.relationships
    )


def _by_contract(question: _Question) -> Permission:
    stood = question.standing()
    if stood.state in _NOES:
        return question.answer(_OF_STATE[stood.state], stood)
    contract = any(
        each.current(question.now) and (each.contract or each.kind.startswith("customer"))
        for each in question.facts.relationships
    )
    because = Because.CONTRACT if contract else Because.INFORMATION_MISSING
    return question.answer(because, stood)


def _by_obligation(question: _Question) -> Permission:
    return question.answer(Because.LEGAL_OBLIGATION)


def _exempt(question: _Question) -> Permission:
    return question.answer(Because.EXEMPT)


def _forbidden(question: _Question) -> Permission:
    return question.answer(Because.REGIME_FORBIDS)


_ANSWERS: Final[dict[Regime, Callable[[_Question], Permission]]] = {
    Regime.CONSENT: _by_consent,
    Regime.SOFT_OPT_IN: _unless_objected,
    Regime.B2B_OPT_OUT: _unless_objected,
    Regime.OPT_OUT: _unless_objected,
    Regime.CONTRACT: _by_contract,
    Regime.OBLIGATION: _by_obligation,
    Regime.EXEMPT: _exempt,
    Regime.FORBIDDEN: _forbidden,
}
