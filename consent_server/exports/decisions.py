"""Decisions as an export tells them: a row for each purpose that was answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import rfc3339_micros
from ..db import Sql, as_json, read
from ..ids import public
from .names import by_kind, names_of
from .wanted import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from .wanted import Row, Wanted

_DECISIONS: Final = Sql(
    """
    SELECT id, subject_id, identifier_id, through, recorded_at, decided_at, door, assertion,
           choices, version_id, language, surface, site_id, previous_id, sealed
    FROM decision WHERE organisation_id = :organisation AND id > :after
      AND recorded_at >= :since AND recorded_at < :until
    ORDER BY id LIMIT :most
    """
)


def decisions(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    """Give decisions, batch by batch, in the order of their ids."""
    after = 0
    while True:
        with read(keys.organisation) as tx:
            values = {"organisation": keys.organisation, "after": after, "most": MOST}
            found = tx.run(_DECISIONS, {**values, **wanted.span})
            if not found:
                return
            after = found[-1][0]
            configuration = notices.configuration(tx, keys.organisation)
            names = names_of(tx, keys, wanted, {row[1] for row in found})
        yield [
            row for raw in found for row in _choices(raw, keys, configuration, names, wanted)
        ]


def _choices(
    raw: Any,
    keys: OrganisationKeys,
    configuration: Configuration,
    names: Mapping[int, Mapping[int, tuple[str, str]]],
    wanted: Wanted,
) -> Iterator[Row]:
    number, subject = raw[0], raw[1]
    told = json.loads(keys.unseal(bytes(raw[14]), "decision", number)) if raw[14] else {}
    through = as_json(raw[3]) if raw[3] else [raw[2]]
    held = names.get(subject, {})
    shared = {
        "decision": public("dec", number),
        "subject": public("sub", subject),
        **by_kind(held[each] for each in through if each in held),
        "decided_at": rfc3339_micros(raw[5]),
        "recorded_at": rfc3339_micros(raw[4]),
        "door": raw[6],
        "assertion": raw[7].removesuffix("_by_key"),
        "notice_version": public("ntv", raw[9]) if raw[9] else None,
        "language": raw[10],
        "surface": raw[11],
        "site": public("site", raw[12]) if raw[12] else None,
        "previous": public("dec", raw[13]) if raw[13] else None,
        **{name: told.get(name) for name in ("source", "actor", "on_behalf_of", "evidence")},
    }
    for purpose, choice in as_json(raw[8]).items():
        declared = configuration.purposes.get(int(purpose))
        slug = declared.slug if declared else public("pur", int(purpose))
        if wanted.purpose in {None, slug}:
            answer = "granted" if choice["answer"] == "yes" else choice["answer"]
            said = {"purpose": slug, "answer": "refused" if answer == "no" else answer}
            yield {**shared, **said, "standing": choice["state"]}
