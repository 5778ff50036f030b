"""The room's door: a file comes in, is looked at first, and is carried over when told so."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_options_header

from .. import db
from ..clock import to_micros
from ..organisations import Scope, caller, keys_of, look, requires
from ..problems import NotFound, TooLarge, Unprocessable, UnreadableBody, UnsupportedMedia
from ..web import Door, current, limit
from . import begin, jobs
from .errors import ErrorsFile
from .job import Job, NewJob
from .manner import CSV, NDJSON
from .rules.values import DEFAULTS
from .run import Runner, files_of
from .schemas import MOST_JOBS, ImportAsked, ImportOut, ImportsOut

if TYPE_CHECKING:
    from collections.abc import Iterator

door = Door("imports", __name__, description="What other tools knew of people.")

# A file of at most this many bytes is done with when the answer comes.
AT_ONCE: Final = 256 * 1024
_PIECE: Final = 64 * 1024
_FORMS: Final = {
    "text/csv": CSV,
    "application/x-ndjson": NDJSON,
    "application/ndjson": NDJSON,
    "application/jsonl": NDJSON,
}
_TAKEN: Final = "text/csv, application/x-ndjson"
_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "CSV in any delimiter, or one JSON object a line (x-ndjson).",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@door.post("/v1/imports")
@requires(Scope.IMPORTS)
@door.takes_query(ImportAsked)
@door.answers(HTTPStatus.OK, ImportOut, description="What became, or would become, of it.")
@door.answers(HTTPStatus.ACCEPTED, ImportOut, description="It waits for the worker.")
@door.refuses(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
@door.doc(**_BODY)  # type: ignore[untyped-decorator] # smorest publishes no types
def import_file(query: dict[str, Any]) -> Any:
    """Carry over what another tool knew; a dry run unless `dry_run=false`."""
    who = caller()
    limit("writes", who.key_id)
    form, charset = _form(query)
    told = _told(query, who.organisation)
    most = current.settings().limits.import_bytes
    job, total, asked = begin.keep(
        who.organisation, _pieces(most), told, form=form, charset=charset, most=most
    )
    now = current.now()
    with db.write(who.organisation) as tx:
        if query.get("save_map"):
            begin.save_mapping(
                tx, who.organisation, query["save_map"], told["columns"], to_micros(now)
            )
        wanted = NewJob(
            id=job,
            asked=asked,
            total=total,
            dry=query["dry_run"],
            actor=who.actor,
            key_id=who.key_id,
            held=total <= AT_ONCE,
        )
        made = jobs.create(tx, keys_of(who.organisation, tx), wanted, now=now)
    if total <= AT_ONCE:
        try:
            return Runner(made).run().said(), HTTPStatus.OK, {}
        except jobs.Overtaken:
            # It took so long that the worker took over.
            made = _found(made.name)
    return made.said(), HTTPStatus.ACCEPTED, {"Location": f"/v1/imports/{made.name}"}


@door.get("/v1/imports")
@requires(Scope.IMPORTS)
@door.answers(HTTPStatus.OK, ImportsOut)
def list_imports() -> dict[str, Any]:
    """List the latest imports, newest first, and the saved mappings."""
    organisation = caller().organisation
    limit("writes", caller().key_id)
    with db.write(organisation) as tx:
        found = jobs.listed(tx, keys_of(organisation, tx), MOST_JOBS)
        maps = begin.mappings(tx, organisation)
        look(tx, "imports.listed")
    return {"imports": [each.said() for each in found], "maps": maps}


@door.get("/v1/imports/<job>")
@requires(Scope.IMPORTS)
@door.answers(HTTPStatus.OK, ImportOut)
@door.refuses(HTTPStatus.NOT_FOUND)
def show_import(job: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Say how far an import has come, and what became of its rows."""
    limit("lookups", caller().key_id)
    return _found(job).said(), {"Cache-Control": "no-store"}


@door.get("/v1/imports/<job>/errors")
@requires(Scope.IMPORTS)
@door.answers(HTTPStatus.OK, description="Line, column, code, what would be right.")
@door.refuses(HTTPStatus.NOT_FOUND)
def show_errors(job: str) -> Response:
    """Give the rows that were refused, as CSV: by line and column, never by name."""
    limit("lookups", caller().key_id)
    found = _found(job)
    _, path = files_of(found.organisation, found.name, current.settings().data)
    return Response(
        ErrorsFile(path).read(found.errors_bytes),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{found.name}-errors.csv"'},
    )


def _found(name: str) -> Job:
    organisation = caller().organisation
    with db.read(organisation) as tx:
        return jobs.find(tx, keys_of(organisation, tx), name)


def _form(query: dict[str, Any]) -> tuple[str, str | None]:
    media, parameters = parse_options_header(request.environ.get("CONTENT_TYPE"))
    form = _FORMS.get(media.lower())
    if form is None:
        raise UnsupportedMedia(f"send {_TAKEN}", headers={"Accept-Post": _TAKEN})
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise UnsupportedMedia(
            "send the body plain or with gzip", headers={"Accept-Encoding": "gzip"}
        )
    return form, query.get("charset") or parameters.get("charset")


def _told(query: dict[str, Any], organisation: int) -> dict[str, Any]:
    columns: dict[str, str] = {}
    given = query.get("map")
    if given and "=" in given:
        columns = begin.read_pairs(given, "/map")
    elif given:
        with db.read(organisation) as tx:
            try:
                columns = begin.saved_mapping(tx, organisation, given)
            except NotFound:
                raise Unprocessable.at("/map", "no mapping was saved by this name") from None
    if query.get("save_map") and not columns:
        raise Unprocessable.at("/save_map", "there is nothing to save: say map=email=…")
    return {
        "preset": query.get("preset"),
        "columns": columns,
        "header": query["header"].split(",") if query.get("header") else None,
        "purposes": begin.read_pairs(query["purposes"], "/purposes")
        if query.get("purposes")
        else {},
        "zone": query.get("zone"),
        "defaults": {name: query[name] for name in DEFAULTS if query.get(name)},
    }


def _pieces(most: int) -> Iterator[bytes]:
    request.max_content_length = most
    try:
        while piece := request.stream.read(_PIECE):
            yield piece
    except RequestEntityTooLarge:
        raise TooLarge(f"at most {most} bytes are taken; send it in parts") from None
    except ClientDisconnected:
        raise UnreadableBody("the body ended before its announced length") from None
