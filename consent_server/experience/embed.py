"""The lines that put a site's banner on its pages, and the policy they need."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..notices.built_in import WIDGET

if TYPE_CHECKING:
    from .strict import Strict

_STUB: Final = "stub.js"


def lines(base_url: str, site: str, language: str, strict: Strict) -> dict[str, Any]:
    """Give the lines for a page: the usual one, the strict one, the head's, and the policy."""
    address = f"{base_url}/w/{site}"
    asked = f"?lang={language}"
    head = _head()
    return {
        "site": site,
        "line": f'<script src="{address}.js{asked}" async></script>',
        "strict": {
            "digest": strict.digest,
            "integrity": strict.integrity,
            "line": (
                f'<script src="{address}.{strict.digest}.js{asked}"'
                f' integrity="{strict.integrity}" crossorigin="anonymous" async></script>'
            ),
            "configuration": f"{address}.{strict.digest}.json{asked}",
        },
        "head": head,
        "policy": _policy(base_url, strict, head),
    }


def _head() -> dict[str, str] | None:
    """Give the line for the page's head, which must stand before any tag, and its hash."""
    path = WIDGET / _STUB
    if not path.is_file():
        return None
    code = path.read_text("utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return {"line": f"<script>{code}</script>", "hash": f"sha256-{digest}"}


def _policy(base_url: str, strict: Strict, head: dict[str, str] | None) -> str:
    """Say what a Content-Security-Policy must allow; no style, no eval, nobody else."""
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    inline = f" '{head['hash']}'" if head else ""
    return (
        f"script-src {origin}{inline} '{strict.integrity}'; connect-src {origin};"
        " require-trusted-types-for 'script'"
    )
