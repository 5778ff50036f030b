"""Beginning an import: the file is decoded, looked at, spooled; a job waits for its runner."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from ..db import Sql, Transaction, as_json, to_json
from ..organisations import keys_of
from ..problems import NotFound, Unavailable, Unprocessable
from ..web import current
from . import jobs, spool
from .decode import utf8
from .manner import read_manner
from .run import files_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAPPING = Sql(
    "SELECT columns FROM import_mapping WHERE organisation_id = :organisation AND name = :name"
)
_SAVE = Sql(
    "INSERT INTO import_mapping (organisation_id, name, columns, recorded_at)"
    " VALUES (:organisation, :name, :columns, :now)"
    " ON CONFLICT (organisation_id, name) DO UPDATE"
    " SET columns = excluded.columns, recorded_at = excluded.recorded_at"
)
_MAPPINGS = Sql(
    "SELECT name, columns FROM import_mapping WHERE organisation_id = :organisation"
    " ORDER BY name"
)


def keep(
    organisation: int,
    pieces: Iterator[bytes],
    told: Mapping[str, Any],
    *,
    form: str,
    charset: str | None,
    most: int,
) -> tuple[int, int, dict[str, Any]]:
    """Spool a file and look at its beginning; gives job, size and how it is to be read."""
    keys, job = keys_of(organisation), jobs.new_job()
    path, _ = files_of(organisation, jobs.name_of(job), current.settings().data)
    try:
        total = spool.write(path, keys, job, utf8(pieces, charset=charset, most=most))
        with closing(spool.text_of(path, keys, job, total)) as text:
            return job, total, read_manner(text, form, told)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Unavailable("there is no room to keep the file; nothing was kept") from None
        raise


def saved_mapping(tx: Transaction, organisation: int, name: str) -> dict[str, str]:
    """Give a mapping that was saved under a name."""
    rows = tx.run(_MAPPING, {"organisation": organisation, "name": name})
    if not rows:
        raise NotFound
    return dict(as_json(rows[0][0]))


def save_mapping(
    tx: Transaction, organisation: int, name: str, columns: Mapping[str, str], now: int
) -> None:
    """Save a mapping under a name, in the place of one that had it."""
    if not columns:
        raise Unprocessable.at("/save_map", "there is nothing to save: say map=email=…")
    values = {"organisation": organisation, "name": name, "now": now}
    tx.run(_SAVE, {**values, "columns": to_json(dict(columns))})


def mappings(tx: Transaction, organisation: int) -> list[dict[str, Any]]:
    """List the mappings that were saved."""
    rows = tx.run(_MAPPINGS, {"organisation": organisation})
    return [{"name": name, "columns": as_json(columns)} for name, columns in rows]


def read_pairs(text: str, pointer: str) -> dict[str, str]:
    """Read `email=Adresse,phone=Téléphone`."""
    pairs = {}
    for each in text.split(","):
        ours, equals, theirs = each.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise Unprocessable.at(pointer, "write pairs: email=Adresse,phone=Mobile")
        pairs[ours.strip()] = theirs.strip()
    return pairs
