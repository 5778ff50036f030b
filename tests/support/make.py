"""Makes what a test needs through the rooms' own doors: say only what matters to the test.

Everything here runs inside the application's context (the `app` fixture).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from consent_server import organisations
from consent_server.db import write
from consent_server.ids import new_id
from consent_server.organisations import NewKey, Scope

if TYPE_CHECKING:
    from collections.abc import Collection

    from consent_server.clock import Clock

ACTOR = "tests"


def make_organisation(clock: Clock, *, slug: str | None = None, sandbox: bool = False) -> int:
    """Make an organisation that has declared nothing yet; gives its id."""
    organisation = new_id()
    with write(organisation) as tx:
        return organisations.create(
            tx, slug=slug or f"org-{organisation}", actor=ACTOR, now=clock(), sandbox=sandbox
        )


def make_key(
    clock: Clock, organisation: int, scopes: Collection[Scope] = frozenset(Scope)
) -> str:
    """Make an API key of an organisation, with every scope unless told; gives its text."""
    wanted = NewKey(name="a test's", scopes=frozenset(scopes))
    with write(organisation) as tx:
        text, _ = organisations.create_key(tx, organisation, wanted, maker=None, now=clock())
        return text


def bearer(key: str) -> dict[str, str]:
    """Give the header that carries a key."""
    return {"Authorization": f"Bearer {key}"}
