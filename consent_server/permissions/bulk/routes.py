"""The doors of campaigns: a file in, the file with its answers out; and the clearance."""

from __future__ import annotations

from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import Response, request, stream_with_context
from werkzeug.exceptions import ClientDisconnected

from ... import ledger
from ...db import TROUBLE, write
from ...ids import new_id, parse, public
from ...organisations import Scope, caller, keys_of, look, requires
from ...problems import NotFound, Problem
from ...web import Door, current, limit
from ..door import RATE
from . import csv_format, gzip_out, ndjson_format
from .clearance import read_clearance
from .elsewhere import run_of
from .intake import BLOCK, SMALL_BLOCK
from .negotiate import here, question_sent, read_order
from .places import take_place
from .schemas import BulkQuery, ClearanceOut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .elsewhere import Elsewhere
    from .run import Run

door = Door("campaigns", __name__, description="May we? Ten million people at once.")

PATH: Final = "/v1/permissions/bulk"
_BREAKS: Final[tuple[type[Exception], ...]] = (*TROUBLE, OSError, Problem, ClientDisconnected)
_log: Final = structlog.get_logger()


class _Broken(Exception):
    """The answer ends before its end: what was sent is not whole, and has no clearance."""


@door.post(PATH)
@requires(Scope.LOOKUP)
@door.takes_lines(csv_format.MEDIA, ndjson_format.MEDIA)
@door.takes_query(BulkQuery)
@door.answers(
    HTTPStatus.OK,
    media=csv_format.MEDIA,
    description="The caller's lines in their order, each with its answer; as they came: CSV,"
    " or NDJSON whose last line is the clearance. `Consent-Clearance` names it; a stream"
    " that broke has none.",
)
@door.answers(HTTPStatus.OK, media=ndjson_format.MEDIA)
@door.refuses(HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.INSUFFICIENT_STORAGE)
def ask_many(query: dict[str, Any]) -> Response:
    """Answer a whole list, in its order, from committed state; doubt means no."""
    limit(RATE, caller().key_id)
    order = read_order(query)
    with ExitStack() as held:
        held.callback(take_place().release)
        run = run_of(order, here(), new_id())
        held.callback(run.close)
        _take_question(run, duplex=query["duplex"])
        writer = csv_format.CsvWriter if order.csv_out else ndjson_format.NdjsonWriter
        return _answer(run, writer.media, held.pop_all())


@door.get("/v1/clearances/<clearance>")
@requires(Scope.LOOKUP)
@door.answers(HTTPStatus.OK, ClearanceOut, description="The clearance, signed.")
@door.refuses(HTTPStatus.NOT_FOUND)
def show_clearance(clearance: str) -> dict[str, Any]:
    """Give a clearance; there is none until its campaign was answered to the end."""
    with write(caller().organisation) as tx:
        found = read_clearance(tx, caller().organisation, _number(clearance))
        look(tx, "clearance.shown", clearance)
        return found


@door.get("/v1/clearances/<clearance>/proof")
@requires(Scope.PROOFS)
@door.answers(HTTPStatus.OK, description="The proof bundle, for `consent verify`.")
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
def prove_clearance(clearance: str) -> Response:
    """Give the proof that the clearance stands in the log, for a stranger to check."""
    organisation, number = caller().organisation, _number(clearance)
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    with write(organisation) as tx:
        read_clearance(tx, organisation, number)
        bundle = ledger.prove(
            tx,
            organisation=organisation,
            record_id=number,
            keys=keys_of(organisation, tx),
            signer=signer,
            opening=False,
        )
        look(tx, "clearance.proved", clearance)
    return Response(ledger.proof_bytes(bundle), mimetype="application/json")


def _number(clearance: str) -> int:
    number = parse("clr", clearance)
    if number is None:
        raise NotFound
    return number


def _take_question(run: Run | Elsewhere, *, duplex: bool) -> None:
    with question_sent(SMALL_BLOCK if duplex else BLOCK) as question:
        run.take(question, duplex=duplex)


def _answer(run: Run | Elsewhere, media: str, held: ExitStack) -> Response:
    body = _guarded(run.answer(), held)
    response = Response(content_type=media)
    if request.accept_encodings.quality("gzip") > 0:
        body = gzip_out.compressed(body)
        response.headers["Content-Encoding"] = "gzip"
    response.headers.update(
        {
            "Consent-Clearance": public("clr", run.number),
            "Cache-Control": "no-store",
            "Vary": "Accept, Accept-Encoding",
        }
    )
    response.response = stream_with_context(body)
    # Called whether or not a single byte could be sent.
    response.call_on_close(held.close)
    return response


def _guarded(answer: Iterator[bytes], held: ExitStack) -> Iterator[bytes]:
    """Break the stream where it broke: an end that looks like one would be a lie."""
    try:
        with held:
            yield from answer
    except _BREAKS as error:
        # Its message may hold what it was about.
        _log.error("campaign_broken", error=type(error).__name__)
        raise _Broken("the answer is not whole") from None
