"""The page that checks a proof in a browser, with no help of ours: one file, to be kept."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Final

from ..web import assets

if TYPE_CHECKING:
    from flask import Response

_PAGE: Final = "verify/verify.html"
_KEPT: Final = "public, max-age=300"


def show_verify_page() -> Response:
    """Answer the page under a policy that lets it run itself alone, and reach nothing."""
    response = assets.asset(_PAGE).response(cache_control=_KEPT)
    response.headers["Content-Security-Policy"] = _policy()
    return response


@cache
def _policy() -> str:
    manifest = json.loads((assets.STATIC / "verify" / "manifest.json").read_bytes())
    return (
        f"default-src 'none'; script-src '{manifest['script']}'; style-src"
        f" '{manifest['style']}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
