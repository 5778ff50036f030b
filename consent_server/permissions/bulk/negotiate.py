"""Negotiating: in which form a list comes, and in which its answer goes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from flask import request
from werkzeug.http import parse_options_header

from ...problems import Problem, UnsupportedMedia
from . import csv_format, ndjson_format
from .order import Order

_TAKEN: Final = {
    csv_format.MEDIA: True,
    ndjson_format.MEDIA: False,
    "application/ndjson": False,
    "application/jsonl": False,
}


class NotAcceptable(Problem):
    """The answer cannot be given in the form that was asked for."""

    status = HTTPStatus.NOT_ACCEPTABLE
    code = "not_acceptable"
    title = "The answer is not given in this form"


def read_order(query: dict[str, Any]) -> Order:
    """Read what is asked of the file, and how it is laid out and to be answered."""
    media, parameters = parse_options_header(request.headers.get("Content-Type"))
    csv_in = _TAKEN.get(media.lower())
    if csv_in is None:
        accepted = ", ".join((csv_format.MEDIA, ndjson_format.MEDIA))
        raise UnsupportedMedia(
            f"send the list as {accepted}", headers={"Accept-Post": accepted}
        )
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMedia("send the list as UTF-8")
    layout = {name: query.get(name) for name in ("delimiter", "identifier", "column")}
    return Order(
        purpose=query["purpose"],
        channel=query.get("channel"),
        only=query.get("only"),
        csv_in=csv_in,
        csv_out=_csv_out(csv_in=csv_in),
        **layout,
    )


def _csv_out(*, csv_in: bool) -> bool:
    offered = [csv_format.MEDIA, ndjson_format.MEDIA] if csv_in else [ndjson_format.MEDIA]
    best = (
        request.accept_mimetypes.best_match(offered) if request.accept_mimetypes else offered[0]
    )
    if best is None:
        raise NotAcceptable(f"this list is answered as {' or '.join(offered)}")
    return best == csv_format.MEDIA


def is_gzip() -> bool:
    """Tell whether the list comes compressed; refuses any other encoding."""
    named = request.headers.get("Content-Encoding", "").strip().lower()
    if named not in {"", "identity", "gzip", "x-gzip"}:
        raise UnsupportedMedia(
            "send the list plain or as gzip", headers={"Accept-Encoding": "gzip, identity"}
        )
    return named.endswith("gzip")
