"""Gathering: everything known that bears on a question, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ..db import Question, as_json
from ..decisions import standing as stood
from ..subjects.identifiers import CROSSED
from .packs import DOUBT
from .values import Attempt, Cap, Collection, Facts, Pause, Relationship, Suppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Engine

    from ..decisions.rules import Row

DEVICE: Final = "visitor"
# What stops one identifier of a person stops the others; but one that others share, and one
# that mail does not reach, stop only themselves.
# CROSS JOIN is SQLite's word for "from the asked identifier outwards, as written": without
# statistics it may begin at the far end and read every row there is.
_WHO: Final = """
    WITH held AS MATERIALIZED (
        SELECT i.id, i.subject_id, i.shared, i.hash FROM identifier i
        WHERE i.organisation_id = :organisation AND i.closed_at IS NULL AND {asked}
    ), person AS MATERIALIZED (
        SELECT DISTINCT p.id FROM held
        CROSS JOIN subject s
            ON s.organisation_id = :organisation AND s.id = held.subject_id
        CROSS JOIN subject p
            ON p.organisation_id = :organisation AND p.person_id = s.person_id
    )
    SELECT
    (SELECT version FROM organisation_directory WHERE organisation_id = :organisation),
    (SELECT {rows}({row}(id, subject_id, shared)) FROM held),
    (SELECT {rows}({row}(st.subject_id, {body})) FROM person
        CROSS JOIN standing st
            ON st.organisation_id = :organisation AND st.subject_id = person.id),
    (SELECT {rows}({row}(
            f.kind, {json}(f.body), f.since, f.until, f.informed_at, f.recorded_at))
        FROM person
        CROSS JOIN subject_fact f ON f.organisation_id = :organisation
            AND f.subject_id = person.id AND f.closed_at IS NULL),
    (SELECT {rows}({row}(scope, reason, {json}(lifted))) FROM suppression
        WHERE organisation_id = :organisation AND closed_at IS NULL AND hash IN (
            SELECT o.hash FROM person
            CROSS JOIN identifier o ON o.organisation_id = :organisation
                AND o.subject_id = person.id AND o.closed_at IS NULL AND o.shared = 0
            UNION SELECT hash FROM held{also})
        AND (reason <> 'bounced' OR hash IN (SELECT hash FROM held{also}))),
    (SELECT coalesce(max(ends_at), 0) FROM vaulted_hash
        WHERE organisation_id = :organisation AND hash IN ({among})
        AND NOT EXISTS (SELECT 1 FROM held))
    {account}
"""
# Of a device: the account that is signed in there.
_ACCOUNT: Final = """,
    (SELECT {rows}(a.id) FROM person
        CROSS JOIN identifier a ON a.organisation_id = :organisation
            AND a.subject_id = person.id AND a.closed_at IS NULL AND a.shared = 0
            AND a.kind <> 'visitor')
"""
_CROSSED: Final = (
    "i.id IN (SELECT c.identifier_id FROM crossed_hash c"
    " WHERE c.organisation_id = :organisation AND c.hash IN ({among}))"
)
# Erased meanwhile, or never known: what is suppressed is found by its crossed forms.
_SUPPRESSED: Final = (
    " UNION SELECT c.suppressed FROM suppressed_hash c"
    " WHERE c.organisation_id = :organisation AND c.hash IN ({among})"
)


@lru_cache(maxsize=32)
def _question(kind: str, hashes: int) -> Question:
    """Write the question for a kind of identifier and a number of index key versions."""
    names = [f":hash{index}" for index in range(hashes)]
    among = ", ".join(names)
    if kind == CROSSED:
        asked, also = _CROSSED.format(among=among), _SUPPRESSED.format(among=among)
    else:
        asked = f"i.kind = '{kind}' AND i.hash IN ({among})"
        # Suppressed, and nobody's (any more): it is found by its own hash alone.
        also = "".join(f" UNION SELECT {name}" for name in names)
    parts = {"asked": asked, "also": also, "among": among}
    who = _WHO.replace("{account}", _ACCOUNT if kind == DEVICE else "")
    return Question(
        who.format(
            **parts,
            rows="json_group_array",
            row="json_array",
            json="json",
            body="hex(st.body)",
        ),
        who.format(
            **parts,
            rows="json_agg",
            row="json_build_array",
            json="",
            body="encode(st.body, 'hex')",
        ).replace("CROSS JOIN", "JOIN"),
    )


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
    asked = _question(kind, len(hashes)).ask(engine, organisation, values)
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
