"""Reading a request's body: size, media type and encoding first, then strict JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_options_header

from ..problems import TooLarge, UnreadableBody, UnsupportedMedia
from .strict_json import parse

if TYPE_CHECKING:
    from flask import Request

JSON: Final = "application/json"


def read_object(request: Request, most_bytes: int | None = None) -> dict[str, Any]:
    """Read the JSON object a request carries; raises a `Problem` that says what is wrong."""
    if request.environ.get("CONTENT_TYPE") != JSON:
        _refuse_other_media(request)
    if "HTTP_CONTENT_ENCODING" in request.environ:
        _refuse_encodings(request)
    return parse(read_bytes(request, most_bytes))


def read_bytes(request: Request, most_bytes: int | None = None) -> bytes:
    """Read a request's body, whatever it is, up to the limit."""
    if most_bytes is not None:
        request.max_content_length = most_bytes
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge(f"at most {request.max_content_length} bytes are taken here") from None
    except ClientDisconnected:
        raise UnreadableBody("the body ended before its announced length") from None


def _refuse_other_media(request: Request) -> None:
    media, parameters = parse_options_header(request.environ.get("CONTENT_TYPE"))
    if media.lower() != JSON:
        raise UnsupportedMedia(
            f"send the body as {JSON}",
            headers={"Accept-Post": JSON} if _is_post(request) else {},
        )
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnreadableBody("the body must be UTF-8")


def _is_post(request: Request) -> bool:
    return request.method == "POST"


def _refuse_encodings(request: Request) -> None:
    # A body that claims to be compressed is never parsed as if it were not.
    if request.environ["HTTP_CONTENT_ENCODING"].strip().lower() not in {"", "identity"}:
        raise UnsupportedMedia(
            "send the body without content encoding", headers={"Accept-Encoding": "identity"}
        )
