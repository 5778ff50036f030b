"""One question with everything its answer needs, and what stands for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...clock import add_period, from_micros, to_micros
from ...decisions.rules import Stands, across, stands
from ...organisations.document.vocabulary import CALLS
from ..values import Because, Facts, Permission, Setting

if TYPE_CHECKING:
    from ...decisions.rules import Yes
    from ...notices.values import Purpose
    from ..packs import Cell, Pack


class Question:
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
        """Say what stands for whom was asked about."""
        if self.purpose.kind == "tracker":
            return self._on_device()
        stood = stands(self.facts.rows, self.facts.identifiers, alone=False)
        noes = [row.no for row in self.facts.rows if row.no is not None]
        if self.facts.shared and stood.state == "granted" and noes:
            # Whoever shares it may answer: the yes of one is no yes over another's no.
            last = max(noes, key=lambda no: (no.recorded_at, no.decision))
            return Stands(state="refused", yes=stood.yes, no=last)
        return stood

    def _on_device(self) -> Stands:
        facts, setting = self.facts, self.setting
        if not facts.account or not setting.devices:
            return stands(facts.rows, facts.identifiers, alone=True)
        # An account's yes leaves its device only under words that say so (design.md §3).
        rows = [
            replace(row, yes=None)
            if row.identifier in facts.account and not self._said_so(row.yes)
            else row
            for row in facts.rows
        ]
        return across(rows, facts.identifiers, facts.account, setting.device_conflict)

    def _said_so(self, yes: Yes | None) -> bool:
        return yes is not None and yes.notice in self.setting.devices

    def answer(self, because: Because, stood: Stands | None = None) -> Permission:
        """Answer with this reason, and what the answer rests on."""
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
        """Tell when the yes that stands ends, by itself or by law."""
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
