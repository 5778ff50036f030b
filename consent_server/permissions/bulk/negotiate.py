"""Negotiating: in which form a list comes, how long it may be, how it is answered."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_options_header

from ... import ledger
from ...organisations import caller, keys_of
from ...problems import Problem, TooLarge, UnreadableBody, UnsupportedMedia
from ...web import current
from . import csv_format, ndjson_format
from .intake import BLOCK, blocks
from .order import Deployment, Order

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class NoRoom(Problem):
    """The question does not fit on the server's disk."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    code = "no_room"
    title = "There is no room for the question"


def here() -> Deployment:
    """Give what a list needs of this server, and in whose name it is asked."""
    settings = current.settings()
    return Deployment(
        data=settings.data,
        clock=current.clock(),
        keys=keys_of(caller().organisation),
        signer=ledger.LogSigner.of(settings, current.keyring()),
        actor=caller().actor,
    )


@contextmanager
def question_sent(size: int = BLOCK) -> Iterator[Iterator[bytes]]:
    """Give the body in blocks, uncompressed; what goes wrong with it is told as a problem."""
    # What bounds a list is the room it may take on disk.
    most = current.settings().limits.bulk_megabytes * 1024 * 1024
    request.max_content_length = most
    try:
        yield blocks(request.stream, gzip=_is_gzip(), most=most, size=size)
    except ClientDisconnected:
        raise UnreadableBody("the body ended before its announced length") from None
    except RequestEntityTooLarge:
        raise TooLarge(f"at most {most} bytes are taken here") from None
    except OSError:
        raise NoRoom(
            "send the list in parts, or later", headers={"Retry-After": "60"}
        ) from None


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


def _is_gzip() -> bool:
    named = request.headers.get("Content-Encoding", "").strip().lower()
    if named not in {"", "identity", "gzip", "x-gzip"}:
        raise UnsupportedMedia(
            "send the list plain or as gzip", headers={"Accept-Encoding": "gzip, identity"}
        )
    return named.endswith("gzip")
