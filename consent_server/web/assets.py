"""Files that never change under their name: hashed, compressed once, cached for a year."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import brotli
from flask import Response, request

from ..problems import NotFound

STATIC: Final = Path(__file__).parents[1] / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
}
_YEAR: Final = "public, max-age=31536000, immutable"
# Hints of what is coming; which one serves minified code best is known only by trying.
_BROTLI_MODES: Final = (brotli.MODE_TEXT, brotli.MODE_GENERIC, brotli.MODE_FONT)
_A_WHILE: Final = "public, max-age=300"


@dataclass(frozen=True)
class Asset:
    """Bytes to serve, with their hash and their compressed forms made once."""

    body: bytes
    media: str

    @cached_property
    def digest(self) -> str:
        """Name the bytes by their hash."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @property
    def integrity(self) -> str:
        """Say what a page's `integrity` says (Subresource Integrity, SHA-384)."""
        digest = hashlib.sha384(self.body).digest()
        return f"sha384-{base64.b64encode(digest).decode()}"

    @cached_property
    def _encoded(self) -> dict[str, bytes]:
        compressed = {
            "br": min((_brotli(self.body, mode) for mode in _BROTLI_MODES), key=len),
            "gzip": gzip.compress(self.body, 9, mtime=0),
        }
        return {**compressed, "": self.body}

    def response(self, *, cache_control: str) -> Response:
        """Answer in the smallest form that the caller takes; 304 if it has the bytes."""
        offered = request.accept_encodings
        encoding = next((name for name in ("br", "gzip") if offered[name] > 0), "")
        response = Response(self._encoded[encoding], content_type=self.media)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.headers["Cache-Control"] = cache_control
        response.vary.add("Accept-Encoding")
        response.set_etag(f"{self.digest}-{encoding}" if encoding else self.digest)
        response.make_conditional(request)
        return response


@cache
def asset(name: str) -> Asset:
    """Read one of our own files, by its path under `static/`."""
    path = STATIC / name
    return Asset(path.read_bytes(), _TYPES[path.suffix])


def address(name: str) -> str:
    """Give the address of one of our own files, which changes whenever its bytes do."""
    stem, _, suffix = name.rpartition(".")
    return f"/static/{stem}.{asset(name).digest}.{suffix}"


def serve(folder: str, name: str) -> Response:
    """Answer one of our own files by the address that `address` gave, or by its own name."""
    if f"{folder}/{name}" in NAMED:
        return _everybodys(asset(f"{folder}/{name}").response(cache_control=_A_WHILE))
    stem, _, rest = name.partition(".")
    _digest, _, suffix = rest.rpartition(".")
    served = f"{folder}/{stem}.{suffix}"
    if served not in OWN or address(served) != f"/static/{folder}/{name}":
        raise NotFound
    return _everybodys(asset(served).response(cache_control=_YEAR))


def _everybodys(response: Response) -> Response:
    # Sites' pages, and a preview's frame, which has no origin, fetch and check these files.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


# The script that betters a sign-up form, in each language.
SIGNUP: Final = frozenset(f"signup/{path.name}" for path in STATIC.glob("signup/*.js"))
# Fetched by hand, by a build or by sites' pages, where a name that changes would be in the way.
NAMED: Final = SIGNUP | {"widget/consent.d.ts"}
OWN: Final = SIGNUP | {"pages/pages.css", "pages/mark.svg"}


def _brotli(body: bytes, mode: int) -> bytes:
    compressed: bytes = brotli.compress(body, mode=mode, quality=11)
    return compressed
