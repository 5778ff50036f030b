"""The room's door: the organisation, its sites, its keys, its audit trail."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response

from .. import db
from ..clock import rfc3339_micros
from ..ids import public
from ..web import Door, current, limit
from . import schemas
from .api_keys import create_key, keys_listed, revoke_key, rotate_key
from .audit import place_of, trail
from .auth import caller, look, requires
from .directory import listed
from .values import NewKey, Scope

door = Door(
    "organisations", __name__, description="The organisation, its sites, keys and audit trail."
)


@door.get("/v1/organisations")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, schemas.OrganisationsShown)
def list_organisations() -> dict[str, Any]:
    """List the caller's organisation; with the scope host, all of this server."""
    known = caller()
    limit("writes", known.key_id)
    with db.write(known.organisation) as tx:
        every = listed(tx)
        look(tx, "organisations.listed")
    seen = (
        every
        if Scope.HOST in known.scopes
        else [row for row in every if row[0] == known.organisation]
    )
    return {
        "organisations": [
            {"id": public("org", number), "slug": slug, "created_at": rfc3339_micros(since)}
            for number, slug, since in seen
        ]
    }


@door.post("/v1/keys")
@requires(Scope.KEYS)
@door.takes(schemas.NewKeyTaken)
@door.answers(HTTPStatus.CREATED, schemas.KeyMade)
def make_key(body: dict[str, Any]) -> dict[str, Any]:
    """Make a key with no more scopes than one's own; its text is shown this once.

    A retry makes another key: an answer that can be replayed would have to be kept, and
    secrets are not.
    """
    limit("writes", caller().key_id)
    wanted = NewKey(
        name=body["name"],
        scopes=frozenset(Scope(scope) for scope in body["scopes"]),
        expires_at=body.get("expires_at"),
        quotas=body.get("quotas", {}),
        trackers=frozenset(body.get("trackers", ())),
    )
    with db.write(caller().organisation) as tx:
        text, made = create_key(
            tx, caller().organisation, wanted, maker=caller(), now=current.now()
        )
    return {**made, "key": text}


@door.get("/v1/keys")
@requires(Scope.KEYS)
@door.answers(HTTPStatus.OK, schemas.KeysShown)
def list_keys() -> dict[str, Any]:
    """List the keys, revoked ones too."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        keys = keys_listed(tx, caller().organisation)
        look(tx, "keys.listed")
    return {"keys": keys}


@door.delete("/v1/keys/<key>")
@requires(Scope.KEYS)
@door.answers(HTTPStatus.NO_CONTENT)
@door.refuses(HTTPStatus.NOT_FOUND)
def close_key(key: str) -> Response:
    """Revoke a key; within a second no worker takes it any more."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        revoke_key(tx, caller().organisation, key, actor=caller().actor, now=current.now())
    return _nothing()


@door.delete("/v1/keys/self")
@requires(None)
@door.answers(HTTPStatus.NO_CONTENT)
def close_own_key() -> Response:
    """Revoke the key that asks: whoever finds a leaked one can end it, whatever it may do."""
    known = caller()
    limit("writes", known.key_id, refuse=False)
    with db.write(known.organisation) as tx:
        revoke_key(tx, known.organisation, known.key_id, actor=known.actor, now=current.now())
    return _nothing()


@door.post("/v1/keys/<key>/secret")
@requires(Scope.KEYS)
@door.takes(schemas.NewSecret)
@door.answers(HTTPStatus.CREATED, schemas.KeyMade)
@door.refuses(HTTPStatus.NOT_FOUND)
def replace_secret(body: dict[str, Any], key: str) -> dict[str, Any]:
    """Give a key another secret; for a day the old one is taken too, unless it leaked."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        text, row = rotate_key(
            tx,
            caller().organisation,
            key,
            at_once=body["at_once"],
            maker=caller(),
            now=current.now(),
        )
    return {**row, "key": text}


def _nothing() -> Response:
    response = Response(status=HTTPStatus.NO_CONTENT)
    del response.headers["Content-Type"]
    return response


@door.get("/v1/audit")
@requires(Scope.AUDIT)
@door.takes_query(schemas.AuditAsked)
@door.answers(HTTPStatus.OK, schemas.AuditShown)
@door.refuses(HTTPStatus.NOT_FOUND)
def show_audit(asked: dict[str, Any]) -> dict[str, Any]:
    """Show a page of the audit trail; looking at it is itself a line in it."""
    limit("writes", caller().key_id)
    organisation = caller().organisation
    with db.write(organisation) as tx:
        after = place_of(tx, organisation, asked["after"]) if "after" in asked else (0, 0)
        page = trail(tx, organisation, after=after, most=asked["limit"])
        look(tx, "audit.seen")
    last = page[-1].id if page else asked.get("after")
    return {
        "entries": [line.said() for line in page],
        "next": public("aud", last) if last else None,
    }
