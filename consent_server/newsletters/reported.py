"""Acting on a report: a dead address is not written to, who complained gets no marketing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import mail
from ..subjects import NotAnIdentifier, identify
from ..subjects.suppress import Target, target
from ..subjects.suppressions import Asked, add_asked
from .capability import read_link
from .leave import held_by
from .links import MARKETING, read_link_row
from .reports import BOUNCED, COMPLAINED, Report

if TYPE_CHECKING:
    from ..subjects import Identified
    from ..subjects.suppress import Suppressor

# What each kind of report stops.
SCOPES: Final = {BOUNCED: "channel:email", COMPLAINED: MARKETING}


@dataclass
class _Counted:
    added: int = 0
    standing: int = 0

    def count(self, *, added: bool) -> None:
        self.added += added
        self.standing += not added


def act_on(suppressor: Suppressor, report: Report) -> dict[str, Any]:
    """Suppress whom a report is about; the same report again changes nothing.

    Nobody is named in what it gives: how many were added, how many stood already, and how
    many were passed over.
    """
    counted, unreadable = _Counted(), 0
    scope = SCOPES.get(report.kind)
    own = [whom for each in report.message_ids if (whom := _of_message(suppressor, each))]
    for whom in own:
        added = suppressor.add(whom, scope=SCOPES[BOUNCED], reason=report.kind)
        counted.count(added=added is not None)
    # A message of ours says itself to whom it went, whatever address a server names.
    for address in () if own else report.addresses:
        given = _identified(address)
        if given is None or scope is None:
            unreadable += 1
            continue
        for said in add_asked(suppressor, Asked((given,), scope, report.kind)):
            counted.count(added=said["added"])
    for token in report.tokens:
        of_link = _of_link(suppressor, token)
        if of_link is None or scope is None:
            unreadable += 1
            continue
        added = suppressor.add(of_link, scope=scope, reason=report.kind)
        counted.count(added=added is not None)
    return {
        "kind": report.kind,
        "added": counted.added,
        "standing": counted.standing,
        "passed_over": report.passed_over + unreadable,
    }


def _identified(address: str) -> Identified | None:
    try:
        return identify("email", address, region="")
    except NotAnIdentifier:
        return None


def _of_message(suppressor: Suppressor, name: str) -> Target | None:
    found = mail.bounced(suppressor.tx, suppressor.keys.organisation, name)
    return Target(kind="email", hashes=(found[0],), version=found[1]) if found else None


def _of_link(suppressor: Suppressor, token: str) -> Target | None:
    keys = suppressor.keys
    link = read_link_row(suppressor.tx, keys.organisation, read_link(token).name)
    if link is not None and link.known is not None:
        held = held_by(keys, link.known)
        return target(keys, held.given, subject=held.subject)
    if link is not None and link.left is not None:
        left = link.left
        return Target(kind=left.kind, hashes=(left.hash,), version=left.key_version)
    return None
