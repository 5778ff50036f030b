"""The witness's door: `add-checkpoint` of C2SP tlog-witness."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from ... import web
from ...web.limits import client_prefix
from ...web.read import read_bytes
from .cosign import Elsewhere, Witness

door = web.Door("witness", __name__, description="A witness of other logs.")

# 63 hashes, a checkpoint, and the 64 signatures that a note may carry.
MOST_BYTES: Final = 32 * 1024


@door.page("/witness/add-checkpoint", methods=("POST",))
def add_checkpoint() -> Response:
    """Cosign the checkpoint of a log we know, if it continues the last one we saw."""
    web.limit("pages", f"witness|{client_prefix()}")
    witness = Witness.of(web.current.settings(), web.current.keyring())
    try:
        line = witness.cosign(read_bytes(request, MOST_BYTES), web.current.now())
    except Elsewhere as elsewhere:
        return Response(f"{elsewhere.size}\n", 409, content_type="text/x.tlog.size")
    return Response(line, content_type="text/plain; charset=utf-8")
