"""What is known of people: recorded as dated facts, read back as of a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339, to_micros
from ..db import Insert, Sql, Transaction, as_json, to_json
from ..ids import new_id
from .models import SubjectFact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..keyring import OrganisationKeys

_INSERT: Final = Insert(SubjectFact.__table__)
_SAME_KIND: Final = Sql(
    """
    SELECT id, kind, body, since, until, informed_at FROM subject_fact
    WHERE organisation_id = :organisation AND subject_id = :subject AND closed_at IS NULL
    """
)
_CLOSE: Final = Sql(
    "UPDATE subject_fact SET closed_at = :now"
    " WHERE organisation_id = :organisation AND id = :id AND closed_at IS NULL"
)
# One value at a time: a newer one closes the older, which stays to answer for its days.
_SINGLE: Final = frozenset({"capacity", "country", "birth_year", "restriction", "deceased"})


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who says so: the source, the actor, and for whom they speak."""

    source: str
    actor: str | None = None
    on_behalf_of: str | None = None
    informed_at: datetime | None = None
    third_party: bool = False


@dataclass(frozen=True, kw_only=True)
class NewFact:
    """One thing to record of a subject."""

    kind: str
    body: Mapping[str, Any]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """The facts that came with one call."""

    facts: tuple[NewFact, ...] = field(default=())

    def as_record(self) -> list[dict[str, Any]]:
        """Write the facts as the ledger's record keeps them."""
        return [
            {
                "kind": fact.kind,
                "body": dict(fact.body),
                **({"since": rfc3339(fact.since)} if fact.since else {}),
                **({"until": rfc3339(fact.until)} if fact.until else {}),
            }
            for fact in self.facts
        ]


def facts_in(body: Mapping[str, Any], *, sellers: frozenset[str] = frozenset()) -> Given:
    """Gather the facts of a loaded body (`POST /v1/subjects`, `POST /v1/decisions`).

    `sellers` are the names under which the organisation itself sells: the soft opt-in
    holds only for the same legal person (standards.md PRO-2).
    """
    facts = [
        NewFact(
            kind="relationship",
            body={
                "kind": each["kind"],
                **({"contract": each["contract"]} if each.get("contract") is not None else {}),
            },
            since=each.get("since"),
            until=each.get("until"),
        )
        for each in body.get("relationships", ())
    ]
    facts += [
        NewFact(kind=kind, body={kind: body[kind]})
        for kind in ("capacity", "country", "birth_year")
        if body.get(kind) is not None
    ]
    facts += [
        NewFact(kind=kind, body={kind: body[name]})
        for name, kind in (("restricted", "restriction"), ("deceased", "deceased"))
        if body.get(name) is not None
    ]
    collection = body.get("collection")
    if collection:
        plain = {name: value for name, value in collection.items() if name != "at"}
        plain["same_seller"] = plain.pop("seller", None) in sellers
        facts.append(NewFact(kind="collection", body=plain, since=collection.get("at")))
    return Given(facts=tuple(facts))


def record_facts(
    tx: Transaction,
    keys: OrganisationKeys,
    subject: int,
    facts: Sequence[NewFact],
    *,
    told: Told,
    now: int,
    known: list[dict[str, Any]] | None = None,
) -> list[int]:
    """Record facts of a subject; what is already known so is not recorded again.

    `known`, when the caller has just asked (`read_fact`): it is kept up to date.
    """
    if known is None:
        known = known_facts(tx, keys.organisation, subject) if facts else []
    written: list[int] = []
    for fact in facts:
        row = _row(fact, told)
        if any(_same(row, other) for other in known):
            continue
        if fact.kind in _SINGLE:
            older = [each for each in known if each["kind"] == fact.kind]
            close_facts(tx, keys.organisation, older, now)
            known[:] = [each for each in known if each["kind"] != fact.kind]
        number = new_id()
        tx.later(
            _INSERT,
            {
                **row,
                "organisation_id": keys.organisation,
                "id": number,
                "subject_id": subject,
                "body": to_json(row["body"]),
                "sealed": keys.seal(_told_text(told).encode(), "subject_fact", number),
                "recorded_at": now,
                "closed_at": None,
            },
        )
        known.append({**row, "id": number})
        written.append(number)
    return written


def _row(fact: NewFact, told: Told) -> dict[str, Any]:
    body = dict(fact.body)
    if told.third_party:
        body["third_party"] = True
    return {
        "kind": fact.kind,
        "body": body,
        "since": to_micros(fact.since) if fact.since else None,
        "until": to_micros(fact.until) if fact.until else None,
        "informed_at": to_micros(told.informed_at) if told.informed_at else None,
    }


def known_facts(tx: Transaction, organisation: int, subject: int) -> list[dict[str, Any]]:
    """Read what is known of a subject now."""
    rows = tx.run(_SAME_KIND, {"organisation": organisation, "subject": subject})
    return [read_fact(row) for row in rows]


def read_fact(row: Sequence[Any]) -> dict[str, Any]:
    """Read a raw fact: id, kind, body, since, until, informed_at."""
    names = ("id", "kind", "body", "since", "until", "informed_at")
    return {**dict(zip(names, row, strict=True)), "body": as_json(row[2])}


def _same(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(row[name] == other[name] for name in row)


def close_facts(
    tx: Transaction, organisation: int, facts: Sequence[Mapping[str, Any]], now: int
) -> None:
    """Close facts that no longer hold; they stay to answer for their days."""
    for fact in facts:
        tx.run(_CLOSE, {"organisation": organisation, "id": fact["id"], "now": now})


def _told_text(told: Told) -> str:
    return to_json(
        {"source": told.source, "actor": told.actor, "on_behalf_of": told.on_behalf_of}
    )
