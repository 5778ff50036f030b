"""Writing briefs, in the order of their numbers; and the parts on the way there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from ....db import Insert, Sql
from ..models import BriefPart
from .make import Brief

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ....db import Transaction

PARTS: Final = 256
_SHIFT: Final = 56
_KEEP_PART: Final = Insert(BriefPart.__table__)
_PART: Final = Sql(
    "SELECT body FROM brief_part WHERE organisation_id = :organisation AND part = :part"
)
_DROP_PART: Final = Sql(
    "DELETE FROM brief_part WHERE organisation_id = :organisation AND part = :part"
)
_DROP_PARTS: Final = Sql("DELETE FROM brief_part WHERE organisation_id = :organisation")
# On SQLite all organisations' are one tree: a number that two of them have names neither.
_KEEP: Final = Sql(
    """
    INSERT INTO brief (organisation_id, key, asks, since, until, said)
    VALUES (:organisation, :key, :asks, :since, :until, :said)
    ON CONFLICT (key) DO UPDATE SET organisation_id = 0, asks = 0, said = ''
    """,
    """
    INSERT INTO brief (organisation_id, key, asks, since, until, said)
    SELECT :organisation, * FROM unnest(:key::bigint[], :asks::bigint[], :since::bigint[],
        :until::bigint[], string_to_array(:said, E'\\n'))
    """,
)
_DROP_RANGE: Final = Sql(
    "DELETE FROM brief WHERE organisation_id = :organisation AND key >= :least AND key <= :most"
)
_DROP: Final = Sql(
    "DELETE FROM brief WHERE organisation_id = :organisation"
    " AND key IN (SELECT value FROM json_each(:several))",
    "DELETE FROM brief WHERE organisation_id = :organisation AND key = ANY(:several)",
)


def put_aside(
    tx: Transaction, organisation: int, subject: int, briefs: Collection[Brief]
) -> None:
    """Put briefs aside, parted by their numbers; `subject` tells one lot from another."""
    parts: dict[int, list[str]] = defaultdict(list)
    for key, asks, since, until, said in briefs:
        parts[key >> _SHIFT].append(f"{key},{asks},{since},{until},{said}")
    for part, lines in sorted(parts.items()):
        place = {"organisation_id": organisation, "part": part, "subject_id": subject}
        tx.later(_KEEP_PART, {**place, "body": "\n".join(lines)})


def take_part(tx: Transaction, organisation: int, part: int) -> list[Brief]:
    """Take a part back; it is not kept."""
    values = {"organisation": organisation, "part": part}
    lines = [line for (body,) in tx.run(_PART, values) for line in body.split("\n")]
    tx.run(_DROP_PART, values)
    return [_read(line) for line in lines]


def _read(line: str) -> Brief:
    key, asks, since, until, said = line.split(",", 4)
    return Brief(int(key), int(asks), int(since), int(until), said)


def drop_parts(tx: Transaction, organisation: int) -> None:
    """Drop what was put aside."""
    tx.run(_DROP_PARTS, {"organisation": organisation})


def replace_part(
    tx: Transaction, organisation: int, part: int, briefs: Sequence[Brief]
) -> None:
    """Write the briefs of a part in the place of whatever it had."""
    least = part << _SHIFT
    values = {"organisation": organisation, "least": least, "most": least + (1 << _SHIFT) - 1}
    tx.run(_DROP_RANGE, values)
    _keep(tx, organisation, briefs)


def replace(
    tx: Transaction, organisation: int, keys: Collection[int], briefs: Sequence[Brief]
) -> None:
    """Write briefs in the place of those that had these numbers."""
    if keys:
        several = tx.several(sorted(keys))
        tx.run(_DROP, {"organisation": organisation, "several": several})
    _keep(tx, organisation, briefs)


def _keep(tx: Transaction, organisation: int, briefs: Sequence[Brief]) -> None:
    if not briefs:
        return
    if tx.postgresql:
        columns = zip(Brief._fields, zip(*briefs, strict=True), strict=True)
        values = {name: list(told) for name, told in columns}
        said = "\n".join(values["said"])
        tx.run(_KEEP, {**values, "said": said, "organisation": organisation})
        return
    own = {"organisation": organisation}
    tx.run_many(_KEEP, [{**own, **each._asdict()} for each in briefs])
