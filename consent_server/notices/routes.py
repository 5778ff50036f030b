"""Notices by machine: drafts, versions, what publishing would mean."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .. import db
from ..organisations import Scope, audit, caller, lock, look, requires
from ..organisations.etags import etag_of, require_match, shown
from ..problems import Conflict, NotFound
from ..web import current, idempotency, limit
from . import catalogue_routes, document_routes, schemas
from .change import check_words
from .configuration import configuration
from .door import door
from .drafts import draft, find_notice, notice_id, notices, save_draft
from .publish import preview, publish
from .said import notice_said, preview_said, published_said, versions_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from .drafts import NoticeRow

__all__ = ["catalogue_routes", "document_routes", "door"]


class NothingToPublish(Conflict):
    """People would be shown what they are shown already."""

    code = "nothing_to_publish"
    title = "The draft is what is published"


def own_notice(tx: db.Transaction, name: str) -> NoticeRow:
    """Find a notice of the caller's by id or slug; another's is not there."""
    found = find_notice(tx, caller().organisation, name)
    if found is None:
        raise NotFound
    return found


@door.get("/v1/notices")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, schemas.NoticesShown)
def list_notices() -> dict[str, Any]:
    """List the notices, with the version in force of each."""
    own = caller().organisation
    limit("writes", caller().key_id)
    with db.write(own) as tx:
        found = configuration(tx, own)
        rows = notices(tx, own)
        look(tx, "notices.listed")
    return {"notices": [notice_said(found, row) for row in rows]}


@door.get("/v1/notices/<notice>")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, schemas.NoticeShown)
@door.refuses(404)
def show_notice(notice: str) -> tuple[Mapping[str, Any], dict[str, str]] | Response:
    """Show one notice, by id or slug."""
    own = caller().organisation
    limit("writes", caller().key_id)
    with db.write(own) as tx:
        row = own_notice(tx, notice)
        said = notice_said(configuration(tx, own), row)
        look(tx, "notice.seen", notice_id(row))
    return shown(said)


@door.get("/v1/notices/<notice>/draft")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, schemas.DraftShown)
@door.refuses(404)
def show_draft(notice: str) -> dict[str, Any] | tuple[dict[str, Any], dict[str, str]]:
    """Show the words being written, and what publishing them would mean."""
    own = caller().organisation
    limit("writes", caller().key_id)
    with db.write(own) as tx:
        row = own_notice(tx, notice)
        body = draft(tx, own, row.id) or {}
        said = preview_said(preview(tx, own, row))
        look(tx, "notice.draft_seen", notice_id(row))
    return {**body, "publishing": said}, {"ETag": f'"{etag_of(body)}"'}


@door.put("/v1/notices/<notice>/draft")
@requires(Scope.CONFIGURE)
@door.takes(schemas.DraftTaken)
@door.answers(HTTPStatus.OK, schemas.DraftShown)
@door.refuses(404, 412, 428)
def put_draft(body: dict[str, Any], notice: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Replace the words being written; nobody is shown them until they are published."""
    own, now = caller(), current.now()
    limit("writes", own.key_id)
    with db.write(own.organisation) as tx:
        lock(tx, own.organisation)
        row = own_notice(tx, notice)
        before = draft(tx, own.organisation, row.id) or {}
        require_match(before)
        wanted = {"purposes": body.get("purposes", before["purposes"]), "words": body["words"]}
        words = check_words(tx, own.organisation, row.slug, wanted)
        if save_draft(tx, own.organisation, row.id, words, now=now):
            audit(
                tx,
                organisation=own.organisation,
                actor=own.actor,
                action="notice.drafted",
                target=notice_id(row),
                now=now,
            )
        said = preview_said(preview(tx, own.organisation, row))
    return {**words, "publishing": said}, {"ETag": f'"{etag_of(words)}"'}


@door.get("/v1/notices/<notice>/versions")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, schemas.VersionsShown)
@door.refuses(404)
def list_versions(notice: str) -> dict[str, Any]:
    """List every version, oldest first, with its judgement and reasons."""
    own = caller().organisation
    limit("writes", caller().key_id)
    with db.write(own) as tx:
        row = own_notice(tx, notice)
        said = versions_said(tx, own, row)
        look(tx, "notice.versions_seen", notice_id(row))
    return {"versions": said}


@door.post("/v1/notices/<notice>/versions")
@requires(Scope.CONFIGURE)
@door.takes(schemas.PublishTaken)
@door.answers(HTTPStatus.CREATED, schemas.PublishedShown)
@door.refuses(404, 409)
def publish_version(
    body: dict[str, Any], notice: str
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Publish the draft as an immutable version; floors move for the purposes it touches."""
    own, now = caller(), current.now()
    limit("writes", own.key_id)
    with db.write(own.organisation) as tx:
        lock(tx, own.organisation)
        row = own_notice(tx, notice)

        def act() -> tuple[int, dict[str, Any]]:
            made = publish(
                tx,
                own.organisation,
                row,
                actor=own.actor,
                now=now,
                raised=frozenset(body["ask_again"]),
            )
            if made is None:
                raise NothingToPublish("change the draft, or name purposes to ask again")
            return HTTPStatus.CREATED, published_said(made)

        return idempotency.answered(
            tx,
            organisation=own.organisation,
            caller_key_id=own.key_id,
            route=f"publish/{row.id}",
            body=body,
            now=now,
            act=act,
        )
