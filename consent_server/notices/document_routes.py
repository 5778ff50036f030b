"""The organisation's whole document, by machine: the same as its file, checked the same."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .. import db
from ..ids import new_id, parse
from ..organisations import (
    NewKey,
    Scope,
    SlugTaken,
    caller,
    create_key,
    find,
    listed,
    lock,
    look,
    requires,
)
from ..organisations.document import document_as_json
from ..organisations.etags import etag_of, require_match, shown
from ..problems import FieldError, NotFound, Unprocessable
from ..web import current, limit
from . import schemas
from .apply import apply_document
from .change import checked, in_force, merged
from .door import door
from .said import applied_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from ..organisations.document import OrganisationDocument

_MOST_BYTES = 1024 * 1024


@door.get("/v1/organisations/<organisation>")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, schemas.Document)
@door.refuses(HTTPStatus.NOT_FOUND)
def show_organisation(organisation: str) -> tuple[Mapping[str, Any], dict[str, str]] | Response:
    """Show the document in force: what may be sent back, changed, with its ETag."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        _refuse_foreign(tx, organisation)
        document = in_force(tx, caller().organisation)
        look(tx, "organisation.seen")
    return shown(document)


@door.put("/v1/organisations/<organisation>")
@requires(Scope.CONFIGURE)
@door.takes_query(schemas.ApplyAsked)
@door.takes(schemas.Document, most_bytes=_MOST_BYTES)
@door.answers(HTTPStatus.OK, schemas.AppliedShown)
@door.refuses(404, 409, 412, 428)
def put_organisation(
    body: dict[str, Any], asked: dict[str, Any], organisation: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Put a document in force and publish the notices that it changes."""
    return _apply(organisation, checked(body), dry_run=asked["dry_run"])


@door.patch("/v1/organisations/<organisation>")
@requires(Scope.CONFIGURE)
@door.takes_query(schemas.ApplyAsked)
@door.takes(schemas.Patch, most_bytes=_MOST_BYTES)
@door.answers(HTTPStatus.OK, schemas.AppliedShown)
@door.refuses(404, 409, 412, 428)
def patch_organisation(
    body: dict[str, Any], asked: dict[str, Any], organisation: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Change parts of the document as a merge patch says (RFC 7396); lists are replaced."""
    with db.read(caller().organisation) as tx:
        _refuse_foreign(tx, organisation)
        document = merged(in_force(tx, caller().organisation), body)
    # If-Match is checked again under the lock, so that what was merged is what is changed.
    return _apply(organisation, checked(document), dry_run=asked["dry_run"])


@door.post("/v1/organisations")
@requires(Scope.HOST)
@door.takes(schemas.Document, most_bytes=_MOST_BYTES)
@door.answers(HTTPStatus.CREATED, schemas.CreatedShown)
@door.refuses(409)
def create_organisation(body: dict[str, Any]) -> dict[str, Any]:
    """Create an organisation from its document; its first key has your scopes but host.

    A retry is refused (409 `slug_taken`), since the key is shown only once.
    """
    limit("writes", caller().key_id)
    document = checked(body)
    maker = caller()
    with db.write(new_id()) as tx:
        if find(tx, document.organisation.slug) is not None:
            fault = FieldError("/organisation/slug", "choose another slug")
            raise SlugTaken(errors=[fault])
        applied = apply_document(tx, document, actor=maker.actor, now=current.now())
        scopes = frozenset(Scope(scope) for scope in maker.scopes) - {Scope.HOST}
        wanted = NewKey(name="first key", scopes=scopes)
        text, _ = create_key(tx, applied.organisation, wanted, maker=maker, now=current.now())
        return {**applied_said(applied), "key": text}


def _apply(
    organisation: str, document: OrganisationDocument, *, dry_run: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    own = caller()
    limit("writes", own.key_id)
    with db.write(own.organisation) as tx:
        _refuse_foreign(tx, organisation)
        lock(tx, own.organisation)
        before = in_force(tx, own.organisation)
        require_match(before)
        if document.organisation.slug != before["organisation"]["slug"]:
            raise Unprocessable.at("/organisation/slug", "an organisation keeps its slug")
        applied = apply_document(
            tx, document, actor=own.actor, now=current.now(), dry_run=dry_run
        )
    state = before if dry_run else document_as_json(document)
    return applied_said(applied), {"ETag": f'"{etag_of(state)}"'}


def _refuse_foreign(tx: db.Transaction, name: str) -> None:
    own = caller().organisation
    if parse("org", name) == own:
        return
    if (own, name) not in {(number, slug) for number, slug, _ in listed(tx)}:
        raise NotFound
