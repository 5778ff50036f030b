"""Gathering: everything known that bears on a question, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, Transaction, as_json
from ..decisions.standing import COLUMNS, read_row
from .packs import EUROPE
from .values import Collection, Facts, Relationship, Suppressed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..decisions.rules import Row

CROSSED: Final = "sha256"
_ST: Final = ", ".join(f"st.{name.strip()}" for name in COLUMNS.split(","))


@dataclass(frozen=True)
class _Statements:
    who: Sql
    standing: Sql
    facts: Sql
    suppressions: Sql


def _in_this_order(text: str) -> Sql:
    # Without statistics SQLite may begin at the far end and read every row there is;
    # CROSS JOIN is its word for "from the asked identifier outwards, as written".
    return Sql(text.replace(" JOIN ", " CROSS JOIN "), text)


@lru_cache(maxsize=16)
def _statements(kind: str, hashes: int) -> _Statements:
    """Write the statements for a kind of identifier and a number of index key versions."""
    among = ", ".join(f":hash{index}" for index in range(hashes))
    if kind == CROSSED:
        asked = (
            "i.organisation_id = :organisation AND i.closed_at IS NULL AND i.id IN (SELECT"
            " c.identifier_id FROM crossed_hash c WHERE c.organisation_id = :organisation"
            f" AND c.hash IN ({among}))"
        )
    else:
        asked = (
            "i.organisation_id = :organisation AND i.closed_at IS NULL AND i.kind = :kind"
            f" AND i.hash IN ({among})"
        )
    person = (
        "identifier i"
        " JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id"
        " JOIN subject p ON p.organisation_id = s.organisation_id AND p.person_id = s.person_id"
    )
    return _Statements(
        who=Sql(
            "SELECT d.version, i.id, i.subject_id, i.shared FROM organisation_directory d"
            f" LEFT JOIN identifier i ON i.organisation_id = d.organisation_id AND {asked}"
            " WHERE d.organisation_id = :organisation"
        ),
        standing=_in_this_order(
            f"SELECT {_ST} FROM {person} JOIN standing st"
            " ON st.organisation_id = p.organisation_id AND st.subject_id = p.id"
            f" WHERE {asked}"
        ),
        facts=_in_this_order(
            "SELECT f.kind, f.body, f.since, f.until, f.informed_at, f.recorded_at"
            f" FROM {person} JOIN subject_fact f"
            " ON f.organisation_id = p.organisation_id AND f.subject_id = p.id"
            f" WHERE {asked} AND f.closed_at IS NULL"
        ),
        suppressions=_in_this_order(
            "SELECT scope, reason, lifted FROM suppression"
            " WHERE organisation_id = :organisation AND closed_at IS NULL AND hash IN"
            f" (SELECT o.hash FROM {person} JOIN identifier o"
            " ON o.organisation_id = p.organisation_id AND o.subject_id = p.id"
            f" AND o.closed_at IS NULL WHERE {asked}"
            + (
                ")"
                if kind == CROSSED
                else " UNION SELECT :hash0"
                + "".join(f" UNION SELECT :hash{index}" for index in range(1, hashes))
                + ")"
            )
        ),
    )


@dataclass
class Gathered:
    """What one identifier leads to, for any purpose."""

    version: int
    identifiers: frozenset[int] = frozenset()
    subjects: frozenset[int] = frozenset()
    shared: bool = False
    rows: dict[int, list[Row]] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)

    def about(self, purpose: int) -> Facts:
        """Give the facts with the standing for one purpose."""
        known = self.facts
        return Facts(
            known=known.known,
            identifiers=self.identifiers,
            shared=self.shared,
            rows=tuple(self.rows.get(purpose, ())),
            suppressions=known.suppressions,
            relationships=known.relationships,
            collections=known.collections,
            capacity=known.capacity,
            country=known.country,
            birth_year=known.birth_year,
            restricted=known.restricted,
            deceased=known.deceased,
            last_contact=known.last_contact,
        )


def gather(tx: Transaction, organisation: int, kind: str, hashes: Sequence[bytes]) -> Gathered:
    """Gather what is known now of whoever an identifier names."""
    values: dict[str, Any] = {"organisation": organisation, "kind": kind}
    values |= {f"hash{index}": each for index, each in enumerate(hashes)}
    asked = _statements(kind, len(hashes))
    # On PostgreSQL each statement sees its own moment, so the standing is read last: a no
    # that came with new facts is seen wherever those facts are.
    who, facts, suppressions, standing = tx.run_together(
        [
            (asked.who, values),
            (asked.facts, values),
            (asked.suppressions, values),
            (asked.standing, values),
        ]
    )
    return compose(who, standing, facts, suppressions)


def compose(
    who: Sequence[Sequence[Any]],
    standing: Sequence[Sequence[Any]],
    facts: Sequence[Sequence[Any]],
    suppressions: Sequence[Sequence[Any]],
) -> Gathered:
    """Put raw rows together into what the rules read."""
    held = [row for row in who if row[1] is not None]
    found = Gathered(
        version=who[0][0] if who else 0,
        identifiers=frozenset(row[1] for row in held),
        subjects=frozenset(row[2] for row in held),
        shared=any(row[3] for row in held),
    )
    for raw in standing:
        found.rows.setdefault(raw[2], []).append(read_row(raw))
    found.facts = read_facts(facts, suppressions, known=bool(held))
    return found


def read_facts(
    facts: Sequence[Sequence[Any]], suppressions: Sequence[Sequence[Any]], *, known: bool
) -> Facts:
    """Read raw facts and suppressions into what the rules read."""
    relationships: list[Relationship] = []
    collections: list[Collection] = []
    single: dict[str, set[Any]] = {}
    contacts: list[int] = []
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
            collections.append(_collection(body))
        elif kind == "contact":
            contacts.append(since or recorded_at)
        else:
            single.setdefault(kind, set()).add(body.get(kind, True))
    return Facts(
        known=known,
        suppressions=tuple(
            Suppressed(scope=scope, reason=reason, lifted=frozenset(map(int, as_json(lifted))))
            for scope, reason, lifted in suppressions
        ),
        relationships=tuple(relationships),
        collections=tuple(collections),
        capacity=_agreed(single.get("capacity"), otherwise="consumer"),
        country=_agreed(single.get("country"), otherwise=EUROPE.country),
        birth_year=max(single.get("birth_year", ()), default=None),
        restricted="restriction" in single,
        deceased="deceased" in single,
        last_contact=max(contacts, default=None),
    )


def _agreed(values: set[str] | None, *, otherwise: str) -> str | None:
    # Linked subjects, or those who share a phone, may differ: then the stricter counts.
    if not values:
        return None
    return next(iter(values)) if len(values) == 1 else otherwise


def _collection(body: Mapping[str, Any]) -> Collection:
    return Collection(
        direct=bool(body.get("direct")),
        in_sale=bool(body.get("in_sale")),
        same_seller=bool(body.get("same_seller")),
        similar=bool(body.get("similar")),
        refusal_offered=bool(body.get("refusal_offered")),
    )
