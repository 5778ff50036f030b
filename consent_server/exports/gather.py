"""What is exported, batch by batch, in the order of its ids: memory stays flat.

Each batch is a read of its own, so that no export holds a database's old pages for hours;
what is recorded after the export began is left out of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import rfc3339_micros, to_micros
from ..db import Sql, as_json, read
from ..ids import public
from ..outbox.events import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration

    Row = Mapping[str, Any]

_MOST: Final = 1000
IDENTIFIERS: Final = ("email", "phone", "external_id", "visitor")
DECISIONS: Final = (
    "decision",
    "subject",
    *IDENTIFIERS,
    "purpose",
    "answer",
    "standing",
    "decided_at",
    "recorded_at",
    "door",
    "assertion",
    "notice_version",
    "language",
    "surface",
    "site",
    "source",
    "actor",
    "on_behalf_of",
    "evidence",
    "previous",
)
SUBJECTS: Final = (
    "subject",
    *IDENTIFIERS,
    "fact",
    "value",
    "since",
    "until",
    "informed_at",
    "source",
    "actor",
    "on_behalf_of",
    "recorded_at",
    "closed_at",
)
EVENTS: Final = (
    "seq",
    "id",
    "type",
    "recorded_at",
    "subject",
    "external_ids",
    "purpose",
    "channel",
    "standing",
    "because",
    "decision",
)
COLUMNS: Final = {"decisions": DECISIONS, "subjects": SUBJECTS, "events": EVENTS}

_DECISIONS: Final = Sql(
    """
    SELECT id, subject_id, identifier_id, through, recorded_at, decided_at, door, assertion,
           choices, version_id, language, surface, site_id, previous_id, sealed
    FROM decision WHERE organisation_id = :organisation AND id > :after
      AND recorded_at >= :since AND recorded_at < :until
    ORDER BY id LIMIT :most
    """
)
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
_IDENTIFIERS: Final = Sql(
    """
    SELECT i.subject_id, i.id, i.kind, i.sealed
    FROM json_each(:subjects) k
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.subject_id = k.value
    WHERE i.closed_at IS NULL ORDER BY i.recorded_at, i.id
    """,
    """
    SELECT subject_id, id, kind, sealed FROM identifier
    WHERE organisation_id = :organisation AND subject_id = ANY(:subjects)
      AND closed_at IS NULL
    ORDER BY recorded_at, id
    """,
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be exported."""

    what: str
    since: datetime | None
    until: datetime
    purpose: str | None = None
    # False: people by their opaque ids alone.
    identifiers: bool = True

    @property
    def span(self) -> dict[str, int]:
        """The first moment, and the first that is left out."""
        return {
            "since": to_micros(self.since) if self.since else -(1 << 62),
            "until": to_micros(self.until),
        }


def batches(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    """Give what is wanted, batch by batch."""
    return _GATHERERS[wanted.what](keys, wanted)


def _decisions(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    after = 0
    while True:
        with read(keys.organisation) as tx:
            values = {"organisation": keys.organisation, "after": after, "most": _MOST}
            found = tx.run(_DECISIONS, {**values, **wanted.span})
            if not found:
                return
            after = found[-1][0]
            configuration = notices.configuration(tx, keys.organisation)
            names = _names(tx, keys, wanted, {row[1] for row in found})
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
        **_by_kind(held[each] for each in through if each in held),
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


def _subjects(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    after = 0
    while True:
        with read(keys.organisation) as tx:
            values = {"organisation": keys.organisation, "after": after, "most": _MOST}
            found = tx.run(_SUBJECTS, {**values, "until": wanted.span["until"]})
            if not found:
                return
            after = found[-1][0]
            subjects = {row[0]: row[1] for row in found}
            names = _names(tx, keys, wanted, set(subjects))
            facts = tx.run(
                _FACTS,
                {
                    "organisation": keys.organisation,
                    "subjects": tx.several(sorted(subjects)),
                    **wanted.span,
                },
            )
        yield _facts(keys, subjects, facts, names, wanted)


def _facts(
    keys: OrganisationKeys,
    subjects: Mapping[int, int],
    facts: Sequence[Any],
    names: Mapping[int, Mapping[int, tuple[str, str]]],
    wanted: Wanted,
) -> list[Row]:
    told: dict[int, list[Any]] = {}
    for raw in facts:
        told.setdefault(raw[0], []).append(raw)
    rows: list[Row] = []
    for subject, recorded_at in subjects.items():
        who = {
            "subject": public("sub", subject),
            **_by_kind(names.get(subject, {}).values()),
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


def _events(keys: OrganisationKeys, wanted: Wanted) -> Iterator[Sequence[Row]]:
    after, span = 0, wanted.span
    first = rfc3339_micros(max(0, span["since"]))
    last = rfc3339_micros(span["until"])
    while True:
        with read(keys.organisation) as tx:
            found = page(tx, keys, after, _MOST)
        if not found["events"]:
            return
        after = found["next"]
        yield [
            event
            for event in found["events"]
            if first <= event["recorded_at"] < last
            and wanted.purpose in {None, event["purpose"]}
        ]


_GATHERERS: Final[
    Mapping[str, Callable[[OrganisationKeys, Wanted], Iterator[Sequence[Row]]]]
] = {"decisions": _decisions, "subjects": _subjects, "events": _events}


def _names(
    tx: Transaction, keys: OrganisationKeys, wanted: Wanted, subjects: set[int]
) -> dict[int, dict[int, tuple[str, str]]]:
    if not wanted.identifiers:
        return {}
    names: dict[int, dict[int, tuple[str, str]]] = {}
    values = {"organisation": keys.organisation, "subjects": tx.several(sorted(subjects))}
    for subject, number, kind, sealed in tx.run(_IDENTIFIERS, values):
        text = keys.unseal(bytes(sealed), "identifier", number).decode()
        names.setdefault(subject, {})[number] = (kind, text)
    return names


def _by_kind(held: Any) -> dict[str, str]:
    # Several of one kind: with spaces between, as a person would write them.
    found: dict[str, list[str]] = {}
    for kind, text in held:
        found.setdefault(kind, []).append(text)
    return {kind: " ".join(texts) for kind, texts in found.items()}
