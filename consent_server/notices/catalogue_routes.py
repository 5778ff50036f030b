"""Purposes, trackers and sites by machine, one at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import db
from ..ids import parse, public
from ..organisations import Scope, caller, lock, look, requires
from ..organisations.etags import etag_of, require_match, shown
from ..organisations.sites import site_ids
from ..problems import NotFound, Unprocessable
from ..web import current, limit
from . import item_schemas
from .catalogue import catalogue
from .change import in_force, merged, put_item
from .door import door
from .item_schemas import PATCH, PUT, SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

Answer = tuple[dict[str, Any], dict[str, str]]
_PREFIX: Final = {"purposes": "pur", "trackers": "trk", "sites": "site"}


def _ids(tx: db.Transaction, section: str) -> dict[str, int]:
    own = caller().organisation
    if section == "sites":
        return site_ids(tx, own)
    body = catalogue(tx, own).body
    return {item["slug"]: item["id"] for item in body.get(section, ())}


def _said(tx: db.Transaction, section: str) -> list[dict[str, Any]]:
    ids, prefix = _ids(tx, section), _PREFIX[section]
    return [
        {"id": public(prefix, ids[item["slug"]]), **item}
        for item in in_force(tx, caller().organisation)[section]
    ]


def _one(tx: db.Transaction, section: str, name: str) -> dict[str, Any]:
    number = parse(_PREFIX[section], name)
    ids = _ids(tx, section)
    for item in _said(tx, section):
        if item["slug"] == name or ids[item["slug"]] == number:
            return item
    raise NotFound


def _list(section: str) -> dict[str, Any]:
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        said = _said(tx, section)
        look(tx, f"{section}.listed")
    return {section: said}


def _show(section: str, name: str) -> tuple[Mapping[str, Any], dict[str, str]] | Response:
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        item = _one(tx, section, name)
        look(tx, f"{section}.seen", item["id"])
    return shown(item)


def _change(section: str, name: str, body: Mapping[str, Any], *, patch: bool) -> Answer:
    own = caller()
    limit("writes", own.key_id)
    with db.write(own.organisation) as tx:
        lock(tx, own.organisation)
        before = _one(tx, section, name)
        require_match(before)
        if body.get("id", before["id"]) != before["id"]:
            raise Unprocessable.at("/id", "an id never changes")
        plain = {field: value for field, value in before.items() if field != "id"}
        sent = {field: value for field, value in body.items() if field != "id"}
        wanted = merged(plain, sent) if patch else sent
        where = (section, before["slug"])
        made = put_item(tx, own.organisation, where, wanted, actor=own.actor, now=current.now())
    said = {"id": before["id"], **made}
    return said, {"ETag": f'"{etag_of(said)}"'}


@door.get("/v1/purposes")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, item_schemas.Purposes)
def list_purposes() -> dict[str, Any]:
    """List the purposes in force."""
    return _list("purposes")


@door.get("/v1/purposes/<purpose>")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, SHOWN["Purpose"])
@door.refuses(404)
def show_purpose(purpose: str) -> tuple[Mapping[str, Any], dict[str, str]] | Response:
    """Show a purpose, by id or slug."""
    return _show("purposes", purpose)


@door.put("/v1/purposes/<purpose>")
@requires(Scope.CONFIGURE)
@door.takes(PUT["Purpose"])
@door.answers(HTTPStatus.OK, SHOWN["Purpose"])
@door.refuses(404, 412, 428)
def put_purpose(body: dict[str, Any], purpose: str) -> Answer:
    """Replace a purpose; what people are shown changes when its notices are published."""
    return _change("purposes", purpose, body, patch=False)


@door.patch("/v1/purposes/<purpose>")
@requires(Scope.CONFIGURE)
@door.takes(PATCH["Purpose"])
@door.answers(HTTPStatus.OK, SHOWN["Purpose"])
@door.refuses(404, 412, 428)
def patch_purpose(body: dict[str, Any], purpose: str) -> Answer:
    """Change parts of a purpose as a merge patch says (RFC 7396)."""
    return _change("purposes", purpose, body, patch=True)


@door.get("/v1/trackers")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, item_schemas.Trackers)
def list_trackers() -> dict[str, Any]:
    """List the trackers in force."""
    return _list("trackers")


@door.get("/v1/trackers/<tracker>")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, SHOWN["Tracker"])
@door.refuses(404)
def show_tracker(tracker: str) -> tuple[Mapping[str, Any], dict[str, str]] | Response:
    """Show a tracker, by id or slug."""
    return _show("trackers", tracker)


@door.put("/v1/trackers/<tracker>")
@requires(Scope.CONFIGURE)
@door.takes(PUT["Tracker"])
@door.answers(HTTPStatus.OK, SHOWN["Tracker"])
@door.refuses(404, 412, 428)
def put_tracker(body: dict[str, Any], tracker: str) -> Answer:
    """Replace a tracker; what people are shown changes when its notices are published."""
    return _change("trackers", tracker, body, patch=False)


@door.patch("/v1/trackers/<tracker>")
@requires(Scope.CONFIGURE)
@door.takes(PATCH["Tracker"])
@door.answers(HTTPStatus.OK, SHOWN["Tracker"])
@door.refuses(404, 412, 428)
def patch_tracker(body: dict[str, Any], tracker: str) -> Answer:
    """Change parts of a tracker as a merge patch says (RFC 7396)."""
    return _change("trackers", tracker, body, patch=True)


@door.get("/v1/sites")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, item_schemas.Sites)
def list_sites() -> dict[str, Any]:
    """List the sites in force."""
    return _list("sites")


@door.get("/v1/sites/<site>")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, SHOWN["Site"])
@door.refuses(404)
def show_site(site: str) -> tuple[Mapping[str, Any], dict[str, str]] | Response:
    """Show a site, by id or slug."""
    return _show("sites", site)


@door.put("/v1/sites/<site>")
@requires(Scope.CONFIGURE)
@door.takes(PUT["Site"])
@door.answers(HTTPStatus.OK, SHOWN["Site"])
@door.refuses(404, 412, 428)
def put_site(body: dict[str, Any], site: str) -> Answer:
    """Replace a site: its name, its exact origins, its scope, its banner's dress."""
    return _change("sites", site, body, patch=False)


@door.patch("/v1/sites/<site>")
@requires(Scope.CONFIGURE)
@door.takes(PATCH["Site"])
@door.answers(HTTPStatus.OK, SHOWN["Site"])
@door.refuses(404, 412, 428)
def patch_site(body: dict[str, Any], site: str) -> Answer:
    """Change parts of a site as a merge patch says (RFC 7396)."""
    return _change("sites", site, body, patch=True)
