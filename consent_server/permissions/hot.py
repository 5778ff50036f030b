"""The hot statement: everything that bears on a lookup, in one look.

Its trees are counted (docs/decisions/0043): in a large base each one it walks costs two or
three pages that nothing has in memory. Nobody is looked up in a large tree to learn that
there is nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ..db import Question
from ..subjects.identifiers import CROSSED

DEVICE: Final = "visitor"
# What stops one identifier of a person stops the others; but one that others share, and one
# that mail does not reach, stop only themselves.
# A person goes by the number of one of her subjects, the root; only the linked differ from
# their roots, and they alone are in the indexes that are looked at.
# Of whoever is bare (subjects/models.py) there are no facts and no other identifiers: the two
# trees that hold them are walked for the others alone.
# The pluses: SQLite would index what is held, one row nearly always, to look there once.
# CROSS JOIN is SQLite's word for "from the asked identifier outwards, as written": without
# statistics it may begin at the far end and read every row there is.
_WHO: Final = """
    WITH held AS MATERIALIZED (
        SELECT i.id, i.subject_id, i.shared, i.hash, i.bare FROM identifier i
        WHERE i.organisation_id = :organisation AND i.closed_at IS NULL AND {asked}
    ), root AS MATERIALIZED (
        SELECT coalesce((
            SELECT l.person_id FROM subject l {by_linked}
            WHERE l.organisation_id = :organisation AND l.id = held.subject_id
                AND l.person_id <> l.id), held.subject_id) AS id
        FROM held
    ), person AS MATERIALIZED (
        SELECT id FROM root
        UNION SELECT p.id FROM root
        CROSS JOIN subject p {by_root}
            ON p.organisation_id = :organisation AND p.person_id = root.id
            AND p.person_id - p.id <> 0
    ), known AS MATERIALIZED (
        SELECT id FROM person
        WHERE NOT EXISTS (SELECT 1 FROM held WHERE +subject_id = person.id AND +bare = 1)
    )
    SELECT
    (SELECT version FROM organisation_directory WHERE organisation_id = :organisation),
    (SELECT {rows}({row}(id, subject_id, shared)) FROM held),
    (SELECT {rows}({row}(st.subject_id, {body})) FROM person
        CROSS JOIN standing st
            ON st.organisation_id = :organisation AND st.subject_id = person.id),
    (SELECT {rows}({row}(
            f.kind, {json}(f.body), f.since, f.until, f.informed_at, f.recorded_at))
        FROM known
        CROSS JOIN subject_fact f ON f.organisation_id = :organisation
            AND f.subject_id = known.id AND f.closed_at IS NULL),
    (SELECT {rows}({row}(scope, reason, {json}(lifted))) FROM suppression
        WHERE organisation_id = :organisation AND closed_at IS NULL AND hash IN (
            SELECT o.hash FROM known
            CROSS JOIN identifier x {by_subject} ON x.organisation_id = :organisation
                AND x.subject_id = known.id AND x.id NOT IN (SELECT id FROM held)
            CROSS JOIN identifier o ON o.organisation_id = :organisation
                AND o.id = x.id AND o.closed_at IS NULL AND o.shared = 0
            UNION SELECT hash FROM held{also})
        AND (reason <> 'bounced' OR hash IN (SELECT hash FROM held{also}))),
    (SELECT coalesce(max(ends_at), 0) FROM vaulted_hash
        WHERE organisation_id = :organisation AND hash IN ({among})
        AND NOT EXISTS (SELECT 1 FROM held))
    {account}
"""
# Of a device: the account that is signed in there.
_ACCOUNT: Final = """,
    (SELECT {rows}(a.id) FROM known
        CROSS JOIN identifier a ON a.organisation_id = :organisation
            AND a.subject_id = known.id AND a.closed_at IS NULL AND a.shared = 0
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
# How each engine writes rows as JSON; and SQLite is told which indexes it walks.
_SQLITE: Final = {
    "rows": "json_group_array",
    "row": "json_array",
    "json": "json",
    "body": "hex(st.body)",
    "by_linked": "INDEXED BY subject_linked",
    "by_root": "INDEXED BY subject_of_root",
    "by_subject": "INDEXED BY identifier_subject",
}
_POSTGRESQL: Final = {
    "rows": "json_agg",
    "row": "json_build_array",
    "json": "",
    "body": "encode(st.body, 'hex')",
    "by_linked": "",
    "by_root": "",
    "by_subject": "",
}


@lru_cache(maxsize=32)
def question(kind: str, hashes: int) -> Question:
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
        who.format(**parts, **_SQLITE),
        who.format(**parts, **_POSTGRESQL).replace("CROSS JOIN", "JOIN"),
    )
