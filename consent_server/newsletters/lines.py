"""Lines in, lines out: links for a mailing of any length, some hundred at a time.

Each answer is committed before it is sent. A line that cannot be read is answered at its
place, so that one bad address stops nobody else's mail.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request, stream_with_context
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from ..db import to_json
from ..permissions.bulk.intake import blocks, records
from ..permissions.bulk.spool import Spool
from ..problems import Problem, TooLarge, UnreadableBody
from ..web import current, strict_json
from ..web.schema import load
from .ask import AT_ONCE, give, reading
from .schemas import OneLink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..organisations import Caller
    from .ask import Reading
    from .many import Wanted

MEDIA: Final = "application/x-ndjson"
_ONE: Final = OneLink()
_UNREADABLE: Final = {"error": {"pointer": "", "detail": "this line is not a JSON object"}}


def answer(who: Caller) -> Response:
    """Answer a body of lines with as many lines, in order, as they are made."""
    with ExitStack() as held:
        spool = held.enter_context(Spool(current.settings().data))
        _take(spool)
        held = held.pop_all()
    body = _closing(_answers(records(spool.read(), quoted=False), who), held)
    response = Response(stream_with_context(body), content_type=MEDIA)
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(held.close)
    return response


def _take(spool: Spool) -> None:
    # The question is taken whole before the first answer: few callers read while they send.
    most = current.settings().limits.bulk_megabytes * 1024 * 1024
    request.max_content_length = most
    try:
        for block in blocks(request.stream, gzip=_is_gzip(), most=most):
            spool.write(block)
    except ClientDisconnected:
        raise UnreadableBody("the body ended before its announced length") from None
    except RequestEntityTooLarge:
        raise TooLarge(f"at most {most} bytes are taken here") from None


def _is_gzip() -> bool:
    return request.headers.get("Content-Encoding", "").strip().lower() == "gzip"


def _closing(body: Iterator[bytes], held: ExitStack) -> Iterator[bytes]:
    with held:
        yield from body


def _answers(every: Iterator[bytes | None], who: Caller) -> Iterator[bytes]:
    lines = (line for line in every if line is None or line.strip())
    while several := list(islice(lines, AT_ONCE)):
        yield "".join(f"{to_json(each)}\n" for each in _some(several, who)).encode()


def _some(lines: list[bytes | None], who: Caller) -> list[dict[str, Any]]:
    read = reading(who)
    asked = [_read(read, line) for line in lines]
    links = iter(give(who, [each for each in asked if not isinstance(each, dict)]))
    answers = [each if isinstance(each, dict) else next(links) for each in asked]
    return [_error(each) if isinstance(each, Problem) else each for each in answers]


def _read(read: Reading, line: bytes | None) -> Wanted | dict[str, Any]:
    if line is None:
        return _UNREADABLE
    try:
        return read.one(load(_ONE, strict_json.parse(line)), "")
    except Problem as problem:
        return _error(problem)


def _error(problem: Problem) -> dict[str, Any]:
    first = problem.errors[0] if problem.errors else None
    pointer, detail = (first.pointer, first.detail) if first else ("", problem.detail)
    return {"error": {"pointer": pointer, "detail": detail}}
