"""Keeping what a published banner is shown as: by the worker, after it was published.

Publishing never waits for it. What was kept, and what could not be, stands in the ledger.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Any, Final

from ... import db, ledger, notices
from ...clock import rfc3339_micros, to_micros
from ...db import Sql
from ...ids import new_id, public
from ...organisations import keys_of, log_of, sites_of
from ...web import current
from . import draw
from .page import code_of, replay_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ...db import Transaction
    from ...notices import VersionShown

PAGE: Final = "page"
_WAITING: Final = Sql(
    """
    SELECT v.id FROM notice_version v
    JOIN notice n ON n.organisation_id = v.organisation_id AND n.id = v.notice_id
    WHERE v.organisation_id = :organisation AND n.surface = 'banner'
      AND NOT EXISTS (
        SELECT 1 FROM notice_replay r
        WHERE r.organisation_id = v.organisation_id AND r.version_id = v.id)
    ORDER BY v.recorded_at, v.id
    """
)
_KEEP: Final = Sql(
    """
    INSERT INTO notice_replay (organisation_id, version_id, language, view, record_id,
                               kept_at, hash, content, why)
    VALUES (:organisation, :version, :language, :view, :record, :kept_at, :hash, :content,
            :why)
    ON CONFLICT DO NOTHING
    """
)
# A view: its content, or why there is none.
_View = tuple[bytes | None, str | None]


def keep_replays(organisation: int, *, stopping: Callable[[], bool] = lambda: False) -> int:
    """Keep every published banner that is not kept yet; gives how many versions that was."""
    with db.read(organisation) as tx:
        waiting = [row[0] for row in tx.run(_WAITING, {"organisation": organisation})]
    done = 0
    for version in waiting:
        if stopping():
            break
        done += _keep(organisation, version)
    return done


def _keep(organisation: int, version: int) -> bool:
    with db.read(organisation) as tx:
        shown = notices.version(tx, organisation, version)
        found = notices.configuration(tx, organisation)
        site = next(
            (each for each in sites_of(tx, organisation) if shown and each.id == shown.site_id),
            None,
        )
    # A site that was taken down shows nothing any more.
    if shown is None or site is None:
        return False
    pages = {
        language: replay_page(organisation, shown, language) for language in shown.languages
    }
    code = code_of(site, found, shown, shown.languages[0])
    # Nothing of the database is held while the browser works.
    views = {language: dict(_views(page)) for language, page in pages.items()}
    with db.write(organisation) as tx:
        _write(tx, organisation, shown, code, views)
    return True


def _views(page: bytes) -> Iterator[tuple[str, _View]]:
    yield PAGE, (page, None)
    program = draw.browser()
    if program is None:
        yield from ((view, (None, draw.NO_BROWSER)) for view in draw.VIEWS)
        return
    for view, image in draw.draw(program, page).items():
        yield view, (image, None if image else draw.FAILED)


def _write(
    tx: Transaction,
    organisation: int,
    shown: VersionShown,
    code: str,
    views: Mapping[str, Mapping[str, _View]],
) -> None:
    record, now = new_id(), to_micros(current.now())
    if not tx.run(_STILL, {"organisation": organisation, "version": shown.id}):
        return
    tx.run_many(
        _KEEP,
        [
            {
                "organisation": organisation,
                "version": shown.id,
                "language": language,
                "view": view,
                "record": record,
                "kept_at": now,
                "hash": hashlib.sha256(content).digest() if content else None,
                "content": zlib.compress(content, 9) if content else None,
                "why": why,
            }
            for language, several in views.items()
            for view, (content, why) in several.items()
        ],
    )
    ledger.append(
        tx,
        organisation=organisation,
        log=log_of(tx, organisation),
        record_id=record,
        kind="notice_replay",
        record=_record(organisation, record, shown, code, views, now),
        recorded_at=now,
        keys=keys_of(organisation, tx),
    )


# Two workers may have drawn it: the first one keeps it.
_STILL: Final = Sql(
    "SELECT 1 FROM notice_version v WHERE v.organisation_id = :organisation"
    " AND v.id = :version AND NOT EXISTS (SELECT 1 FROM notice_replay r"
    " WHERE r.organisation_id = v.organisation_id AND r.version_id = v.id)"
)


def _record(
    organisation: int,
    record: int,
    shown: VersionShown,
    code: str,
    views: Mapping[str, Mapping[str, _View]],
    now: int,
) -> dict[str, Any]:
    return {
        "v": 1,
        "kind": "notice_replay",
        "organisation": public("org", organisation),
        "id": public("rpl", record),
        "recorded_at": rfc3339_micros(now),
        "notice_version": public("ntv", shown.id),
        "notice_hash": shown.content_hash,
        "published_at": rfc3339_micros(shown.recorded_at),
        "script": code,
        "views": {
            language: {
                view: hashlib.sha256(content).hexdigest() if content else f"not taken: {why}"
                for view, (content, why) in several.items()
            }
            for language, several in views.items()
        },
    }
