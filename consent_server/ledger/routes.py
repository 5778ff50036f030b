"""The log's public face: checkpoint and tiles (C2SP tlog-tiles), and the key (JWKS)."""

from __future__ import annotations

from typing import Final

from flask import Response, current_app, jsonify, request

from .. import web
from ..db import read
from ..problems import NotFound
from .log_page import show_log_page
from .publish import cosigned_checkpoint, published_checkpoint, published_log, published_tile
from .signer import MAIN_LOG, LogSigner
from .tile_cache import Served, TileCache
from .tiles import TilePath, TilePathError, parse_tile_path
from .verify_page import show_verify_page

door = web.Door("ledger", __name__, description="The transparency log.")

# A tile never changes, nor does a partial one: a wider one has another address.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_A_WHILE: Final = "public, max-age=600"
_CACHE: Final = "consent.tiles"


@door.page("/log/")
def log_page() -> Response:
    """Tell in plain words what the log is, how big, who vouches for it and how to check it."""
    return show_log_page()


@door.page("/log/checkpoint")
def main_checkpoint() -> Response:
    """Give the signed head of the main log."""
    return _checkpoint(MAIN_LOG)


@door.page("/log/cosigned")
def cosigned() -> Response:
    """Give the last head of the main log that a witness cosigned."""
    with read() as tx:
        return _note(cosigned_checkpoint(tx, MAIN_LOG))


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


def _checkpoint(name: str) -> Response:
    with read() as tx:
        return _note(published_checkpoint(tx, published_log(tx, name)))


def _note(note: str) -> Response:
    response = Response(note, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _tile(name: str, rest: str) -> Response:
    try:
        asked = parse_tile_path(f"tile/{rest}")
    except TilePathError as error:
        raise NotFound from error
    if name == MAIN_LOG:
        kept: TileCache = current_app.extensions.setdefault(_CACHE, TileCache())
        served = kept.get(asked, lambda: _fetched(name, asked))
    else:
        served = _fetched(name, asked)
    # Hashes do not get smaller; entries do.
    packed = asked.level is None and request.accept_encodings.quality("gzip") > 0
    body = served.compressed if packed else served.body
    response = Response(body, content_type="application/octet-stream")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if asked.level is None:
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = _FOR_EVER if served.for_ever else _A_WHILE
    return response


def _fetched(name: str, asked: TilePath) -> Served:
    with read() as tx:
        log = published_log(tx, name)
        found = published_tile(tx, log, asked)
    # Under the name it resumed as, nothing else ever stood.
    return Served(found.body, for_ever=True) if log != name else found
