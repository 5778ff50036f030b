"""Published versions: immutable, so what was read once stays true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from flask import current_app

from ..db import Sql, as_json
from ..ids import parse
from .configuration import configuration
from .values import VersionShown

if TYPE_CHECKING:
    from ..db import Transaction

_VERSION: Final = Sql(
    "SELECT v.id, v.notice_id, v.number, n.surface, n.site_id, v.recorded_at, v.body,"
    " v.content_hash, v.judgement, v.because FROM notice_version v"
    " JOIN notice n ON n.organisation_id = v.organisation_id AND n.id = v.notice_id"
    " WHERE v.organisation_id = :organisation AND v.id = :version"
)
_HISTORY: Final = Sql(
    "SELECT v.id, v.notice_id, v.number, n.surface, n.site_id, v.recorded_at, v.body,"
    " v.content_hash, v.judgement, v.because FROM notice_version v"
    " JOIN notice n ON n.organisation_id = v.organisation_id AND n.id = v.notice_id"
    " WHERE v.organisation_id = :organisation AND v.notice_id = :notice ORDER BY v.number"
)
_OWNER: Final = Sql("SELECT organisation_id FROM version_directory WHERE version_id = :version")
_MOST: Final = 1024


def version(tx: Transaction, organisation: int, version_id: int) -> VersionShown | None:
    """Give a version of this organisation."""
    kept, key = _kept(), (organisation, version_id)
    found = kept.get(key)
    if found is None:
        rows = tx.run(_VERSION, {"organisation": organisation, "version": version_id})
        if not rows:
            return None
        if len(kept) >= _MOST:
            kept.clear()
        found = kept[key] = _shown(rows[0])
    return found


def current(tx: Transaction, organisation: int, notice_id: int) -> VersionShown | None:
    """Give the version of a notice that is in force; None if there is none, or no more."""
    number = configuration(tx, organisation).current.get(notice_id)
    return None if number is None else version(tx, organisation, number)


def banner_of(tx: Transaction, organisation: int, site_id: int) -> VersionShown | None:
    """Give the banner version that a site shows: its own, or that of its scope."""
    number = configuration(tx, organisation).banners.get(site_id)
    return None if number is None else version(tx, organisation, number)


def history(tx: Transaction, organisation: int, notice_id: int) -> list[VersionShown]:
    """Give every version of a notice, oldest first."""
    rows = tx.run(_HISTORY, {"organisation": organisation, "notice": notice_id})
    return [_shown(row) for row in rows]


def owner_of(tx: Transaction, version_id: int) -> int | None:
    """Tell whose version this is; read outside the wall."""
    rows = tx.run(_OWNER, {"version": version_id})
    return int(rows[0][0]) if rows else None


def _kept() -> dict[tuple[int, int], VersionShown]:
    return cast(
        "dict[tuple[int, int], VersionShown]",
        current_app.extensions.setdefault("consent.versions", {}),
    )


def _shown(row: tuple[Any, ...]) -> VersionShown:
    number, notice, count, surface, site, recorded_at, body, content_hash, *judged = row
    body = as_json(body)
    purposes = (parse("pur", item["id"]) for item in body["purposes"])
    return VersionShown(
        id=int(number),
        notice_id=int(notice),
        number=int(count),
        surface=surface,
        site_id=site,
        purposes=tuple(item for item in purposes if item is not None),
        languages=tuple(body["languages"]),
        content_hash=bytes(content_hash).hex(),
        recorded_at=int(recorded_at),
        body=body,
        judgement=judged[0],
        because=tuple(as_json(judged[1])),
    )
