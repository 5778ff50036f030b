"""What each regime asks: consent, a standing without a no, a contract, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...clock import from_micros
from ...decisions.rules import EVIDENCED, NOES, STRENGTH, WITNESSED_BY_KEY, settle
from ..values import Because, Facts, Permission, Regime, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...decisions.rules import Yes
    from ...notices.values import Purpose
    from ..packs import Pack
    from .question import Question

_OF_STATE: Final = {
    "never_asked": Because.NEVER_ASKED,
    "unconfirmed": Because.UNCONFIRMED,
    "refused": Because.REFUSED,
    "withdrawn": Because.WITHDRAWN,
    "objected": Because.OBJECTED,
    "expired": Because.EXPIRED,
    "superseded": Because.SUPERSEDED,
}


def _by_consent(question: Question) -> Permission:
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


def _unless_objected(question: Question) -> Permission:
    stood = question.standing()
    if stood.state in NOES:
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


def _by_contract(question: Question) -> Permission:
    stood = question.standing()
    if stood.state in NOES:
        return question.answer(_OF_STATE[stood.state], stood)
    contract = any(
        each.current(question.now) and (each.contract or each.kind.startswith("customer"))
        for each in question.facts.relationships
    )
    because = Because.CONTRACT if contract else Because.INFORMATION_MISSING
    return question.answer(because, stood)


def _by_obligation(question: Question) -> Permission:
    return question.answer(Because.LEGAL_OBLIGATION)


def _exempt(question: Question) -> Permission:
    return question.answer(Because.EXEMPT)


def _forbidden(question: Question) -> Permission:
    return question.answer(Because.REGIME_FORBIDS)


BY_REGIME: Final[dict[Regime, Callable[[Question], Permission]]] = {
    Regime.CONSENT: _by_consent,
    Regime.SOFT_OPT_IN: _unless_objected,
    Regime.B2B_OPT_OUT: _unless_objected,
    Regime.OPT_OUT: _unless_objected,
    Regime.CONTRACT: _by_contract,
    Regime.OBLIGATION: _by_obligation,
    Regime.EXEMPT: _exempt,
    Regime.FORBIDDEN: _forbidden,
}
