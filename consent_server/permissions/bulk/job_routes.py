"""The doors of lists that wait: left now, answered by the worker, fetched when done."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from ...db import read, write
from ...ids import public
from ...organisations import Scope, caller, keys_of, look, requires
from ...problems import Conflict, NotFound
from ...web import Door, current, limit
from ..door import RATE
from . import csv_format, gzip_out, jobs, ndjson_format
from .carry import answer_of
from .leave import leave_list
from .negotiate import here, question_sent, read_order
from .schemas import MOST_JOBS, JobOut, JobsOut, ListQuery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .job import Job

door = Door("lists", __name__, description="Lists that are answered while nobody waits.")

PATH: Final = "/v1/permissions/jobs"


class NotDone(Conflict):
    """There is no answer yet, or there never will be."""

    code = "not_done"
    title = "The list is not answered"


@door.post(PATH)
@requires(Scope.LOOKUP)
@door.takes_lines(csv_format.MEDIA, ndjson_format.MEDIA)
@door.takes_query(ListQuery)
@door.answers(HTTPStatus.ACCEPTED, JobOut, description="It waits for the worker.")
@door.refuses(HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.INSUFFICIENT_STORAGE)
def leave(query: dict[str, Any]) -> Any:
    """Leave a list to be answered in its order; ask for its progress, then for its result."""
    limit(RATE, caller().key_id)
    order = read_order(query)
    with question_sent() as question:
        job = leave_list(here(), order, question)
    return job.said(), HTTPStatus.ACCEPTED, {"Location": f"{PATH}/{job.name}"}


@door.get(PATH)
@requires(Scope.LOOKUP)
@door.answers(HTTPStatus.OK, JobsOut)
def list_lists() -> dict[str, Any]:
    """List the latest lists that were left, newest first."""
    organisation = caller().organisation
    limit(RATE, caller().key_id)
    with write(organisation) as tx:
        found = jobs.listed(tx, organisation, MOST_JOBS)
        look(tx, "lists.listed")
    return {"jobs": [each.said() for each in found]}


@door.get(f"{PATH}/<job_id>")
@requires(Scope.LOOKUP)
@door.answers(HTTPStatus.OK, JobOut)
@door.refuses(HTTPStatus.NOT_FOUND)
def show_list(job_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Say how far a list has come, and what was answered so far."""
    limit(RATE, caller().key_id)
    return _found(job_id).said(), {"Cache-Control": "no-store"}


@door.get(f"{PATH}/<job_id>/result")
@requires(Scope.LOOKUP)
@door.answers(
    HTTPStatus.OK,
    media=csv_format.MEDIA,
    description="The lines in their order, each with its answer; `Consent-Clearance` names"
    " the clearance.",
)
@door.answers(HTTPStatus.OK, media=ndjson_format.MEDIA)
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
def fetch_result(job_id: str) -> Response:
    """Give the answer of a list, once it is whole."""
    limit(RATE, caller().key_id)
    found = _found(job_id)
    if not found.ready:
        raise NotDone(f"it is {found.state}: {found.because or 'ask again later'}")
    organisation = caller().organisation
    with write(organisation) as tx:
        look(tx, "list.fetched", found.name)
    try:
        answer = _begun(answer_of(found, keys_of(organisation), current.settings().data))
    except FileNotFoundError:
        # Deleted meanwhile, or it lies on another machine.
        raise NotFound from None
    return _sent(found, answer)


def _begun(answer: Iterator[bytes]) -> Iterator[bytes]:
    """Open the file now, while it can still be said that there is none."""
    first = next(answer, b"")

    def whole() -> Iterator[bytes]:
        yield first
        yield from answer

    return whole()


def _sent(job: Job, answer: Iterator[bytes]) -> Response:
    table = job.order.csv_out
    ending = "csv" if table else "ndjson"
    response = Response(
        content_type="text/csv; charset=utf-8" if table else ndjson_format.MEDIA,
        headers={
            "Consent-Clearance": public("clr", job.clearance_id),
            "Content-Disposition": f'attachment; filename="{job.name}.{ending}"',
            "Cache-Control": "no-store",
            "Vary": "Accept-Encoding",
        },
    )
    if request.accept_encodings.quality("gzip") > 0:
        answer = gzip_out.compressed(answer)
        response.headers["Content-Encoding"] = "gzip"
    response.response = answer
    return response


@door.delete(f"{PATH}/<job_id>")
@requires(Scope.LOOKUP)
@door.answers(HTTPStatus.NO_CONTENT, description="Question and answer are gone.")
@door.refuses(HTTPStatus.NOT_FOUND)
def delete_list(job_id: str) -> Response:
    """Delete a list and its answer, answered or not; a clearance that was given stays."""
    limit(RATE, caller().key_id)
    organisation = caller().organisation
    with write(organisation) as tx:
        found = jobs.find(tx, organisation, job_id)
        jobs.delete(tx, found, caller().actor, current.now())
    for path in jobs.files_of(organisation, found.id, current.settings().data):
        path.unlink(missing_ok=True)
    return Response(status=HTTPStatus.NO_CONTENT)


def _found(name: str) -> Job:
    organisation = caller().organisation
    with read(organisation) as tx:
        return jobs.find(tx, organisation, name)
