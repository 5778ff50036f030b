"""The log's public face: checkpoint and tiles (C2SP tlog-tiles), and the key (JWKS)."""

from __future__ import annotations

from typing import Final

from flask import Response, jsonify

from .. import web
from ..db import read
from ..problems import NotFound
from .publish import published_checkpoint, published_tile
from .signer import MAIN_LOG, LogSigner
from .tiles import WIDTH, TilePathError, parse_tile_path
from .verify_page import show_verify_page

door = web.Door("ledger", __name__, description="The transparency log.")

# A full tile never changes; a partial one is soon replaced by a wider one.
_FULL: Final = "public, max-age=31536000, immutable"
_PARTIAL: Final = "public, max-age=600"


@door.page("/log/checkpoint")
def main_checkpoint() -> Response:
    """Give the signed head of the main log."""
    return _checkpoint(MAIN_LOG)


@door.page("/log/<log>/checkpoint")
def checkpoint(log: str) -> Response:
    """Give the signed head of a log by name."""
    return _checkpoint(log)


@door.page("/log/tile/<path:rest>")
def main_tile(rest: str) -> Response:
    """Give a tile of the main log."""
    return _tile(MAIN_LOG, rest)


@door.page("/log/<log>/tile/<path:rest>")
def tile(log: str, rest: str) -> Response:
    """Give a tile of a log by name."""
    return _tile(log, rest)


@door.page("/.well-known/jwks.json")
def jwks() -> Response:
    """Give the public key that signs the log."""
    signer = LogSigner.of(web.current.settings(), web.current.keyring())
    response = jsonify(signer.jwks())
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@door.page("/verify")
def verify_page() -> Response:
    """Give the page that checks a proof offline: one file, which can be saved and kept."""
    return show_verify_page()


def _checkpoint(log: str) -> Response:
    with read() as tx:
        note = published_checkpoint(tx, log)
    response = Response(note, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _tile(log: str, rest: str) -> Response:
    try:
        asked = parse_tile_path(f"tile/{rest}")
    except TilePathError as error:
        raise NotFound from error
    with read() as tx:
        data = published_tile(tx, log, asked)
    response = Response(data, content_type="application/octet-stream")
    response.headers["Cache-Control"] = _FULL if asked.width == WIDTH else _PARTIAL
    return response
