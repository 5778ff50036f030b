"""How the room's things are said in the API and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros
from ..db import Sql, as_json
from ..ids import public
from ..web import current
from .built_in import unreviewed
from .publish import reasons_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..db import Transaction
    from .apply import Applied
    from .drafts import NoticeRow
    from .publish import Preview, Published
    from .values import Configuration

_VERSIONS: Final = Sql(
    "SELECT id, number, recorded_at, content_hash, judgement, because FROM notice_version"
    " WHERE organisation_id = :organisation AND notice_id = :notice ORDER BY number"
)


def page_url(version_id: int) -> str:
    """Give the permanent address of a version's words."""
    return f"{current.settings().base_url}/n/{public('ntv', version_id)}"


def versions_said(
    tx: Transaction, organisation: int, notice: NoticeRow
) -> list[dict[str, Any]]:
    """Say every version of a notice, oldest first."""
    rows = tx.run(_VERSIONS, {"organisation": organisation, "notice": notice.id})
    return [
        {
            "id": public("ntv", number),
            "notice": public("ntc", notice.id),
            "number": count,
            "recorded_at": rfc3339_micros(recorded_at),
            "content_hash": bytes(content_hash).hex(),
            "judgement": judgement,
            "because": as_json(because),
            "url": page_url(number),
        }
        for number, count, recorded_at, content_hash, judgement, because in rows
    ]


def notice_said(found: Configuration, notice: NoticeRow) -> dict[str, Any]:
    """Say a notice: what it is, which version is in force, where its floors stand."""
    version = found.current.get(notice.id)
    return {
        "id": public("ntc", notice.id),
        "slug": notice.slug,
        "surface": notice.surface,
        "site": public("site", notice.site_id) if notice.site_id else None,
        "version": public("ntv", version) if version else None,
        "floors": {
            found.purposes[purpose].slug: number
            for (of, purpose), number in sorted(found.floors.items())
            if of == notice.id and purpose in found.purposes
        },
    }


def preview_said(seen: Preview) -> dict[str, Any]:
    """Say what publishing the draft now would mean."""
    return {
        "differs": seen.differs,
        "number": seen.number if seen.differs else None,
        "judgement": seen.judgement.kind if seen.differs else None,
        "touched": sorted(seen.judgement.touched) if seen.differs else [],
        "because": reasons_said(seen.judgement) if seen.differs else [],
        "unreviewed": unreviewed(seen.body),
    }


def published_said(made: Published) -> dict[str, Any]:
    """Say a version that has just been published."""
    return {
        "id": public("ntv", made.version.id),
        "notice": public("ntc", made.notice.id),
        "slug": made.notice.slug,
        "number": made.version.number,
        "recorded_at": rfc3339_micros(made.version.recorded_at),
        "content_hash": made.version.content_hash,
        "judgement": made.judgement.kind,
        "touched": sorted(made.judgement.touched),
        "because": reasons_said(made.judgement),
        "unreviewed": unreviewed(made.version.body),
        "url": page_url(made.version.id),
    }


def applied_said(applied: Applied) -> dict[str, Any]:
    """Say what applying a document did."""
    return {
        "id": public("org", applied.organisation),
        "created": applied.created,
        "changed": applied.changed,
        "changes": [
            {"path": change.path, "before": change.before, "after": change.after}
            for change in applied.changes
        ],
        "published": [published_said(made) for made in applied.published],
    }


def item_said(prefix: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Say a purpose or a tracker as it is declared, with its id."""
    return {**item, "id": public(prefix, item["id"])}
