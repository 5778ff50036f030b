"""People as an export tells them: a row for each fact, and one for who has none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros
from ..db import Sql, as_json, read
from ..ids import public
from .names import by_kind, names_of
from .wanted import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..keyring import OrganisationKeys
    from .wanted import Row, Wanted

_SUBJECTS: Final = Sql(
    """
    SELECT id, recorded_at FROM subject WHERE organisation_id = :organisation AND id > :after
      AND recorded_at < :until
    ORDER BY id LIMIT :most
    """
)
_FACTS: Final = Sql(
    """
    SELECT f.subject_id, f.id, f.kind, f.body, f.sealed, f.since, f.until, f.informed_at,
           f.recorded_at, f.closed_at
    FROM json_each(:subjects) k
    CROSS JOIN subject_fact f
        ON f.organisation_id = :organisation AND f.subject_id = k.value
    WHERE f.recorded_at >= :since AND f.recorded_at < :until
    ORDER BY f.subject_id, f.recorded_at, f.id
    """,
    """
    SELECT subject_id, id, kind, body, sealed, since, until, informed_at, recorded_at, closed_at
    FROM subject_fact
    WHERE organisation_id = :organisation AND subject_id = ANY(:subjects)
      AND recorded_at >= :since AND recorded_at < :until
    ORDER BY subject_id, recorded_at, id
    """,
)


def subjects(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    """Give people and their facts, batch by batch, in the order of their ids."""
    after = 0
    while True:
        with read(keys.organisation) as tx:
            values = {"organisation": keys.organisation, "after": after, "most": MOST}
            found = tx.run(_SUBJECTS, {**values, "until": wanted.span["until"]})
            if not found:
                return
            after = found[-1][0]
            since = {row[0]: row[1] for row in found}
            names = names_of(tx, keys, wanted, set(since))
            facts = tx.run(
                _FACTS,
                {
                    "organisation": keys.organisation,
                    "subjects": tx.several(sorted(since)),
                    **wanted.span,
                },
            )
        yield _facts(keys, since, facts, names, wanted)


def _facts(
    keys: OrganisationKeys,
    since: Mapping[int, int],
    facts: Sequence[Any],
    names: Mapping[int, Mapping[int, tuple[str, str]]],
    wanted: Wanted,
) -> list[Row]:
    told: dict[int, list[Any]] = {}
    for raw in facts:
        told.setdefault(raw[0], []).append(raw)
    rows: list[Row] = []
    for subject, recorded_at in since.items():
        who = {
            "subject": public("sub", subject),
            **by_kind(names.get(subject, {}).values()),
        }
        rows += [{**who, **_fact(keys, raw)} for raw in told.get(subject, ())]
        if subject not in told and recorded_at >= wanted.span["since"]:
            rows.append({**who, "recorded_at": rfc3339_micros(recorded_at)})
    return rows


def _fact(keys: OrganisationKeys, raw: Any) -> Row:
    body = as_json(raw[3])
    sealed = raw[4]
    told = json.loads(keys.unseal(bytes(sealed), "subject_fact", raw[1])) if sealed else {}
    single = body.get(raw[2], body.get("kind"))
    rest = {name: value for name, value in body.items() if name not in {raw[2], "kind"}}
    value = single if single is not None and not rest else json_text(body)
    return {
        "fact": raw[2],
        "value": value,
        **{
            name: rfc3339_micros(moment) if moment is not None else None
            for name, moment in zip(
                ("since", "until", "informed_at", "recorded_at", "closed_at"),
                raw[5:10],
                strict=True,
            )
        },
        **{name: told.get(name) for name in ("source", "actor", "on_behalf_of")},
    }


def json_text(body: Any) -> str:
    """Write what does not fit into one cell."""
    return json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode(body)
