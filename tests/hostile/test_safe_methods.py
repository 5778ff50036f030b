"""GET, HEAD, OPTIONS and TRACE change nothing, at every address (security.md, test 31).

A key holder's look at configuration, a decision or the audit trail is itself a line of the
audit trail, and a leaf of the log: that is the one exception, and it is held to exactly that.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.hostile.doors import Knock, ids_of, places
from tests.hostile.test_actors import OPEN
from tests.support.ground import path_of

if TYPE_CHECKING:
    from tests.support.ground import Ground

SAFE: Final = ("GET", "HEAD", "OPTIONS", "TRACE")
LOOKS: Final = frozenset({"audit_entry", "ledger_record", "ledger_pending"})
# Asked about without writing a look: figures are about nobody.
UNRECORDED: Final = {
    "/v1/sites/<site>/statistics",
    "/v1/imports/<job>",
    "/v1/permissions/jobs/<job_id>",
    "/v1/imports/<job>/errors",
}
SCANNER: Final = {"User-Agent": "LinkScanner/3.1", "X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(scope="module")
def known(ground: Ground) -> dict[str, str]:
    """Give an id of ours for every variable that addresses hold."""
    return ids_of(ground, ground.ours)


@pytest.fixture(autouse=True)
def _no_figures_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every half minute the request that comes then writes what was counted: on a slow machine
    # that would be one of these.
    monkeypatch.setattr(sys.modules["consent_server.decisions.tally"], "_EVERY_SECONDS", 3600)


@pytest.mark.parametrize("method", SAFE)
def test_no_safe_method_of_a_stranger_changes_anything(
    ground: Ground, known: dict[str, str], method: str
) -> None:
    before = ground.dump()
    answered = 0
    for _, rule in places(ground, "GET", "POST", "PUT", "PATCH", "DELETE"):
        path = path_of(rule, known)
        for query in ("", "?confirm=1", "?List-Unsubscribe=One-Click"):
            answer = Knock(method, path + query, headers=SCANNER).send(ground)
            assert answer.status_code < 500, path
            answered += answer.status_code == 200

    assert answered > 20 or method == "TRACE"
    assert ground.dump() == before


@pytest.mark.parametrize("method", SAFE)
def test_a_key_holders_safe_method_leaves_a_line_in_the_audit_trail_and_nothing_else(
    ground: Ground, known: dict[str, str], method: str
) -> None:
    before = ground.dump()
    for place, rule in places(ground, "GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = Knock(method, path_of(rule, known), headers=ground.ours.headers).send(ground)
        after = ground.dump()

        changed = {table for table in before if before[table] != after[table]}
        looks = method in {"GET", "HEAD"} and answer.status_code == 200
        expected = looks and ("GET", place[1]) not in OPEN and place[1] not in UNRECORDED
        assert changed == (LOOKS if expected else frozenset()), place
        for table in changed:
            assert set(before[table]) < set(after[table]), f"{place}: a row of {table} is gone"
        before = after


def test_twenty_scanners_at_a_link_unsubscribe_nobody(
    ground: Ground, known: dict[str, str]
) -> None:
    who = {"email": "ada.lindqvist@people.example"}
    assert ground.ours.tell(who).status_code == 201
    before = ground.dump()
    for _ in range(20):
        for method in ("GET", "HEAD"):
            answer = Knock(method, f"/u/{known['token']}", headers=SCANNER).send(ground)
            assert answer.status_code == 200

    assert ground.dump() == before
    assert ground.ours.why(who) == "consent"
