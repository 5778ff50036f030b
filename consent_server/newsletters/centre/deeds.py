"""What the buttons of the page do: each is one form, one deed, one answer.

To refuse, to pause and to ask for less takes the link alone. To allow anything takes a token
that came by mail within the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from ... import notices
from ...clock import add_period
from ...db import swift_write
from ...decisions.frequency import Frequency, OnlyThePerson
from ...ids import parse, public
from ...organisations import keys_of
from ...problems import LaterNo
from ...subjects import Told
from ...subjects.rules import MARKETING, PURPOSE
from ..decide import CENTRE, Decider
from .person import holder
from .view import concerns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...db import Transaction
    from ...decisions import Written
    from ...notices.values import Purpose
    from .tokens import Bearer

BREAKS: Final = ("P7D", "P1M", "P3M", "P6M")
CAPS: Final = {"1": ("P1M", 1), "2": ("P1M", 2), "4": ("P1M", 4), "8": ("P1M", 8)}
_TOLD: Final = Told(source="preference centre")
_NO_CHOICE: Final = frozenset({"contract", "legal_obligation"})


@dataclass(frozen=True)
class Done:
    """What became of a deed: a word of ours, and what can be taken back."""

    word: str
    purpose: str | None = None
    receipt: str | None = None
    # The decision that an undo would name.
    undo: str | None = None
    until: datetime | None = None
    fine: bool = True


@dataclass
class Deed:
    """One press of a button."""

    bearer: Bearer
    form: Mapping[str, str]
    language: str
    now: datetime

    def do(self) -> Done:
        """Do what the form asks; says what was not done, and why."""
        deed = _DEEDS.get(self.form.get("do", ""))
        if deed is None:
            return Done("unclear", fine=False)
        act, needs_proof = deed
        if needs_proof and not self.bearer.proved:
            return Done("prove_first", fine=False)
        lock = int.from_bytes(self.bearer.hashes[0][:8], signed=True)
        with swift_write(self.bearer.organisation, lock=lock) as tx:
            doing = _doing(tx, self)
            return act(doing) if doing else Done("unclear", fine=False)


@dataclass(frozen=True)
class _Doing:
    deed: Deed
    decider: Decider
    frequency: Frequency
    purpose: Purpose | None

    @property
    def scope(self) -> str | None:
        if self.deed.form.get("purpose") == MARKETING:
            return MARKETING
        return f"{PURPOSE}{self.purpose.id}" if self.purpose else None


def _doing(tx: Transaction, deed: Deed) -> _Doing | None:
    organisation = deed.bearer.organisation
    keys = keys_of(organisation, tx)
    held = holder(tx, keys, deed.bearer)
    if held is None:
        return None
    configuration = notices.configuration(tx, organisation)
    purpose = configuration.purpose(deed.form.get("purpose", ""))
    if purpose is not None and (not concerns(purpose) or purpose.basis in _NO_CHOICE):
        purpose = None
    return _Doing(
        deed,
        Decider(tx, keys, configuration, held, deed.now, deed.language, CENTRE),
        Frequency(tx, keys, held, deed.now, only_less=not deed.bearer.proved),
        purpose,
    )


def _stop(doing: _Doing) -> Done:
    if doing.purpose is None:
        return Done("unclear", fine=False)
    written = doing.decider.stop([doing.purpose])
    word = "stopped" if doing.purpose.basis == "consent" else "objected"
    return _said(word, written, doing.purpose.slug)


def _stop_all(doing: _Doing) -> Done:
    return _said("stopped_all", doing.decider.stop_marketing(), None)


def _allow(doing: _Doing) -> Done:
    if doing.purpose is None:
        return Done("unclear", fine=False)
    try:
        written = doing.decider.allow(doing.purpose)
    except LaterNo:
        written = None
    if written is None:
        return Done("no_words", doing.purpose.slug, fine=False)
    return Done("allowed", doing.purpose.slug, written.receipt)


def _undo(doing: _Doing) -> Done:
    form = doing.deed.form
    name = form.get("decision", "")
    number = parse("dec", name)
    if number is None or not doing.deed.bearer.may_undo(name, form.get("mark", "")):
        return Done("prove_first", fine=False)
    written = doing.decider.undo(number)
    if not written:
        return Done("nothing_to_undo", fine=False)
    return Done("undone", receipt=written[0].receipt)


def _pause(doing: _Doing) -> Done:
    period, scope = doing.deed.form.get("for", ""), doing.scope
    if scope is None or period not in BREAKS:
        return Done("unclear", fine=False)
    day = add_period(doing.deed.now, period).date() + timedelta(days=1)
    until = datetime.combine(day, time(), tzinfo=doing.deed.now.tzinfo)
    try:
        doing.frequency.pause(scope, until, _TOLD)
    except OnlyThePerson:
        return Done("longer_stands", fine=False)
    return Done("paused", until=until)


def _resume(doing: _Doing) -> Done:
    if doing.scope is None:
        return Done("unclear", fine=False)
    doing.frequency.pause(doing.scope, doing.deed.now, _TOLD)
    return Done("resumed")


def _cap(doing: _Doing) -> Done:
    wanted, scope = doing.deed.form.get("most", ""), doing.scope
    if scope is None or (wanted not in CAPS and wanted != "none"):
        return Done("unclear", fine=False)
    within, most = CAPS.get(wanted, ("P1M", None))
    try:
        doing.frequency.cap(scope, most, within, _TOLD)
    except OnlyThePerson:
        return Done("prove_first", fine=False)
    return Done("capped" if most else "uncapped")


def _said(word: str, written: Written | None, slug: str | None) -> Done:
    if written is None:
        return Done("stood_already", slug)
    return Done(word, slug, written.receipt, public("dec", written.id))


# What a form asks for, and whether it takes a proof by mail.
_DEEDS: Final[dict[str, tuple[Callable[[_Doing], Done], bool]]] = {
    "stop": (_stop, False),
    "stop_all": (_stop_all, False),
    "pause": (_pause, False),
    "cap": (_cap, False),
    "resume": (_resume, True),
    "allow": (_allow, True),
    "undo": (_undo, False),
}
