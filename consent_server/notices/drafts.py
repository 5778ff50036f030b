"""Drafts: the words being written, the only thing about a notice that may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..db import Sql, as_json
from ..ids import new_id, parse, public
from ..organisations import site_ids
from ..problems import NotFound, Unprocessable
from .body import Written
from .models import Notice, NoticeDraft

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..db import Transaction

_BY_ID: Final = Sql(
    "SELECT id, slug, surface, site_id FROM notice"
    " WHERE organisation_id = :organisation AND id = :notice"
)
_BY_SLUG: Final = Sql(
    "SELECT id, slug, surface, site_id FROM notice"
    " WHERE organisation_id = :organisation AND slug = :slug"
)
_ALL: Final = Sql(
    "SELECT id, slug, surface, site_id FROM notice"
    " WHERE organisation_id = :organisation ORDER BY slug"
)
_DRAFT: Final = Sql(
    "SELECT body FROM notice_draft"
    " WHERE organisation_id = :organisation AND notice_id = :notice"
)


@dataclass(frozen=True)
class NoticeRow:
    """A notice: what never changes about it."""

    id: int
    slug: str
    surface: str
    site_id: int | None


def notices(tx: Transaction, organisation: int) -> list[NoticeRow]:
    """List every notice of an organisation, those no longer declared too."""
    return [NoticeRow(*row) for row in tx.run(_ALL, {"organisation": organisation})]


def find_notice(tx: Transaction, organisation: int, name: str) -> NoticeRow | None:
    """Find a notice by public id or slug."""
    number = parse("ntc", name)
    if number is not None:
        rows = tx.run(_BY_ID, {"organisation": organisation, "notice": number})
    else:
        rows = tx.run(_BY_SLUG, {"organisation": organisation, "slug": name})
    return NoticeRow(*rows[0]) if rows else None


def ensure_notice(
    tx: Transaction, organisation: int, declared: Mapping[str, Any], *, now: datetime
) -> NoticeRow:
    """Find the notice that a document declares, or make it; its surface and site are fixed."""
    slug, surface = declared["slug"], declared["surface"]
    site = site_ids(tx, organisation)[declared["site"]] if declared.get("site") else None
    found = find_notice(tx, organisation, slug)
    if found is None:
        found = NoticeRow(new_id(), slug, surface, site)
        tx.session.add(
            Notice(
                organisation_id=organisation,
                id=found.id,
                slug=slug,
                surface=surface,
                site_id=site,
                recorded_at=to_micros(now),
            )
        )
        tx.session.flush()
    if (found.surface, found.site_id) != (surface, site):
        raise Unprocessable.at(
            f"/notices/{slug}", "a notice keeps its surface and site; choose another slug"
        )
    return found


def draft(tx: Transaction, organisation: int, notice_id: int) -> dict[str, Any] | None:
    """Give the draft of a notice: its purposes and words."""
    rows = tx.run(_DRAFT, {"organisation": organisation, "notice": notice_id})
    return dict(as_json(rows[0][0])) if rows else None


def save_draft(
    tx: Transaction,
    organisation: int,
    notice_id: int,
    body: Mapping[str, Any],
    *,
    now: datetime,
) -> bool:
    """Keep a draft in place of the one before; tells whether it differs."""
    if draft(tx, organisation, notice_id) == body:
        return False
    tx.session.merge(
        NoticeDraft(
            organisation_id=organisation,
            notice_id=notice_id,
            body=dict(body),
            changed_at=to_micros(now),
        )
    )
    tx.session.flush()
    return True


def written(tx: Transaction, organisation: int, notice: NoticeRow) -> Written:
    """Give a notice as it is being written now."""
    body = draft(tx, organisation, notice.id)
    if body is None:
        raise NotFound
    names = {number: slug for slug, number in site_ids(tx, organisation).items()}
    return Written(
        notice_id=notice.id,
        slug=notice.slug,
        surface=notice.surface,
        site=names.get(notice.site_id) if notice.site_id is not None else None,
        purposes=tuple(body["purposes"]),
        words=body["words"],
    )


def notice_id(notice: NoticeRow) -> str:
    """Write a notice's id as the outside sees it."""
    return public("ntc", notice.id)
