"""Who asked about a person: single questions tallied by day, and campaigns by clearance.

The one function that shows it, to staff (routes.py, cli.py) and to the person herself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Sql
from ..subjects.holdings import holdings, subjects_of
from ..subjects.identifiers import CROSSED
from .asked import asked_about
from .bulk.briefs.mark import known_by, name_of
from .bulk.clearance import campaigns_about, read_clearance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..subjects import Identified

_PERSON: Final = Sql(
    "SELECT person_id FROM subject WHERE organisation_id = :organisation AND id = :subject"
)

_KEYS: Final = Sql("SELECT key_id, name FROM api_key WHERE organisation_id = :organisation")


def who_asked(tx: Transaction, keys: OrganisationKeys, subject: int) -> dict[str, Any]:
    """Show who asked about a subject's person, over all links, the latest first.

    `asked`: by day, purpose, key and answer, how often. `campaigns`: each list she stood on;
    what a list was answered about one person is not kept.
    """
    organisation = keys.organisation
    rows = tx.run(_PERSON, {"organisation": organisation, "subject": subject})
    if not rows:
        return nobody()
    own = holdings(tx, keys, subjects_of(tx, organisation, rows[0][0]))
    hashes = {each for held in own for each in _hashes(keys, held.given)}
    names = dict(tx.run(_KEYS, {"organisation": organisation}))
    told = [
        _campaign(read_clearance(tx, organisation, number), names)
        for number in campaigns_about(tx, organisation, sorted(hashes))
    ]
    return {
        "asked": asked_about(tx, organisation, subject),
        "campaigns": sorted(told, key=lambda each: str(each["at"]), reverse=True),
    }


def _hashes(keys: OrganisationKeys, given: Identified) -> Iterator[bytes]:
    named: Iterable[tuple[str, str]] = (
        (given.kind, given.match),
        *((CROSSED, plain) for plain in given.crossed),
    )
    for kind, text in named:
        for version in keys.index_keys:
            yield keys.index(kind, text, version)
    # Lists remember those they asked about by what they look for; older ones by the above.
    for digest in known_by(given):
        for version in keys.index_keys:
            yield name_of(keys, digest, version)


def _campaign(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    kind, _, key = said["actor"].partition(":")
    asked_by_key = kind == "key"
    return {
        "at": said["recorded_at"],
        "purpose": said["purpose"],
        "channel": said["channel"],
        "key": key if asked_by_key else None,
        "name": names.get(key) if asked_by_key else said["actor"],
        "clearance": said["id"],
    }


def nobody() -> dict[str, Any]:
    """Show the same of somebody unknown."""
    return {"asked": [], "campaigns": []}
