"""Telling: what is said of a person, recorded with its proof, whichever door it came by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..clock import to_micros
from .facts import facts_in, record_facts
from .prove import prove_facts
from .read import (
    identify_all,
    in_list,
    refuse_the_future,
    region_of,
    sellers_of,
    told_by,
)
from .resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration


@dataclass(frozen=True)
class Teller:
    """What telling needs beside what is told; `by` is the key, or who else tells it."""

    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    by: str
    now: datetime

    def tell(self, body: Mapping[str, Any]) -> tuple[int, bool]:
        """Record a loaded body of `POST /v1/subjects`; gives the subject.

        And whether anything was new of it. Raises a `Problem` before anything is written.
        """
        given = identify_all(in_list(body["identifiers"]), region=region_of(self.configuration))
        told = told_by(body, self.configuration, facts=body)
        refuse_the_future(body, self.now)
        facts = facts_in(body, sellers=sellers_of(self.configuration))
        moment = to_micros(self.now)
        organisation = self.keys.organisation
        who = resolve(
            self.tx,
            self.keys,
            given,
            organisation=organisation,
            now=moment,
            facts=bool(facts.facts),
        )
        written = record_facts(
            self.tx, self.keys, who.subject, facts.facts, told=told, now=moment
        )
        new = prove_facts(
            self.tx, self.keys, who, facts, told, written=written, key=self.by, now=moment
        )
        return who.subject, new
