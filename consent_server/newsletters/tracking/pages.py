"""What a message calls: a picture that is always the same, a redirect that always leads on.

Neither sets a cookie, and nobody can tell from the answer whether anything was counted.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Response, request

from ...db import TROUBLE
from ...problems import NotFound
from ...web import Door, keep_private
from .record import note_use
from .tokens import Mark, read_mark

door = Door("tracking", __name__, description="Opens and clicks, where they are allowed.")

# One transparent pixel.
_GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00"
    b"\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


door.after_request(keep_private)


@door.page("/o/<mark>.gif")
def show_pixel(mark: str) -> Response:
    """Show one transparent pixel, whatever is asked; counts an open that is allowed."""
    found = read_mark(mark)
    if found is not None and found.target is None:
        _note(found)
    response = Response(_GIF, content_type="image/gif")
    # It is shown in other people's pages: that is all it is for.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@door.page("/c/<mark>")
def lead_on(mark: str) -> Response:
    """Lead to where the sender's own link leads; counts a click that is allowed."""
    found = read_mark(mark)
    if found is None or found.target is None:
        raise NotFound
    _note(found)
    response = Response(status=HTTPStatus.FOUND)
    response.headers["Location"] = found.target
    return response


def _note(mark: Mark) -> None:
    # Who only asks for headers has opened nothing.
    if request.method != "GET":
        return
    try:
        note_use(mark)
    except TROUBLE:
        # A picture is shown and a link leads on whatever the database does.
        return
