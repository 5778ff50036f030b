"""Gathering: everything known that bears on a question, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..db import as_json
from ..decisions import standing as stood
from .hot import question
from .packs import DOUBT
from .values import Attempt, Cap, Collection, Facts, Pause, Relationship, Suppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Engine

    from ..decisions.rules import Row


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What one identifier leads to, for any purpose."""

    version: int
    identifiers: frozenset[int]
    subjects: frozenset[int]
    shared: bool
    # The standing for one purpose.
    rows: Callable[[int], Iterable[Row]]
    # The rest of `Facts`, by its names there; what nobody said is left out.
    told: Mapping[str, Any]
    # Of a device: the identifiers of the account that is signed in there.
    account: frozenset[int] = frozenset()

    def about(self, purpose: int) -> Facts:
        """Give the facts with the standing for one purpose."""
        return Facts(
            known=bool(self.identifiers),
            identifiers=self.identifiers,
            shared=self.shared,
            account=self.account,
            rows=tuple(self.rows(purpose)),
            **self.told,
        )


def gather(engine: Engine, organisation: int, kind: str, hashes: Sequence[bytes]) -> Gathered:
    """Gather what is known now, at one moment, of whoever an identifier names."""
    values = {f"hash{index}": each for index, each in enumerate(hashes)}
    asked = question(kind, len(hashes)).ask(engine, organisation, values)
    # PostgreSQL says null where there is no row, SQLite an empty list.
    version, held, standing, facts, suppressions, vaulted, *account = asked

    def rows(purpose: int) -> Iterable[Row]:
        return (row for raw in standing or () for _, row in stood.read(raw, purpose))

    told = read_facts(facts, suppressions)
    if vaulted:
        told["erased_until"] = vaulted
    return compose(version or 0, held or (), rows, told, account[0] or () if account else ())


def compose(
    version: int,
    held: Sequence[Sequence[Any]],
    rows: Callable[[int], Iterable[Row]],
    told: Mapping[str, Any],
    account: Iterable[int] = (),
) -> Gathered:
    """Put together what the rules read."""
    return Gathered(
        version=version,
        identifiers=frozenset([row[0] for row in held]),
        subjects=frozenset([row[1] for row in held]),
        shared=any(row[2] for row in held),
        rows=rows,
        told=told,
        account=frozenset(account),
    )


def read_facts(
    facts: Sequence[Sequence[Any]] | None, suppressions: Sequence[Sequence[Any]] | None
) -> dict[str, Any]:
    """Read raw facts and suppressions into what the rules read, by its names in `Facts`."""
    told = _told(facts) if facts else {}
    if suppressions:
        told["suppressions"] = tuple(
            Suppressed(scope=scope, reason=reason, lifted=frozenset(map(int, as_json(lifted))))
            for scope, reason, lifted in suppressions
        )
    return told


def _told(facts: Sequence[Sequence[Any]]) -> dict[str, Any]:
    relationships: list[Relationship] = []
    collections: list[Collection] = []
    single: dict[str, set[Any]] = {}
    contacts: list[int] = []
    attempts: list[Attempt] = []
    chosen: dict[str, list[Any]] = {"pause": [], "cap": []}
    for kind, raw, since, until, informed_at, recorded_at in facts:
        body: Mapping[str, Any] = as_json(raw)
        if kind == "relationship":
            relationships.append(
                Relationship(
                    kind=body["kind"],
                    recorded_at=recorded_at,
                    since=since,
                    until=until,
                    contract=bool(body.get("contract")),
                    third_party=bool(body.get("third_party")),
                    informed_at=informed_at,
                )
            )
        elif kind == "collection":
            collections.append(_collection(body, since))
        elif kind == "contact":
            contacts.append(since or recorded_at)
        elif kind == "attempt":
            attempts.append(_attempt(body, since or recorded_at))
        elif kind in chosen:
            chosen[kind] += _chosen(kind, body, until)
        else:
            single.setdefault(kind, set()).add(body.get(kind, True))
    return {
        "relationships": tuple(relationships),
        "collections": tuple(collections),
        "capacity": _agreed(single.get("capacity"), otherwise="consumer"),
        "country": _agreed(single.get("country"), otherwise=DOUBT),
        "birth_year": max(single.get("birth_year", ()), default=None),
        # One of those linked is enough.
        "restricted": True in single.get("restriction", ()),
        "deceased": True in single.get("deceased", ()),
        "last_contact": max(contacts, default=None),
        "attempts": tuple(attempts),
        "pauses": tuple(chosen["pause"]),
        "caps": tuple(chosen["cap"]),
    }


def _agreed(values: set[str] | None, *, otherwise: str) -> str | None:
    # Linked subjects, or those who share a phone, may differ: then the stricter counts.
    if not values:
        return None
    return next(iter(values)) if len(values) == 1 else otherwise


def _attempt(body: Mapping[str, Any], at: int) -> Attempt:
    return Attempt(
        at=at,
        channel=body["channel"],
        refused=body.get("outcome") == "refused",
        purpose=int(body["purpose"]) if "purpose" in body else None,
    )


def _chosen(kind: str, body: Mapping[str, Any], until: int | None) -> list[Pause | Cap]:
    if kind == "pause":
        return [Pause(scope=body["scope"], until=until)] if until is not None else []
    if body.get("most") is None:
        # She has taken it back.
        return []
    return [Cap(scope=body["scope"], most=int(body["most"]), within=body["within"])]


def _collection(body: Mapping[str, Any], at: int | None) -> Collection:
    return Collection(
        at=at,
        direct=bool(body.get("direct")),
        in_sale=bool(body.get("in_sale")),
        same_seller=bool(body.get("same_seller")),
        similar=bool(body.get("similar")),
        refusal_offered=bool(body.get("refusal_offered")),
    )
