"""The lines that put a site's banner on its pages, and the policy they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .head import code_hash

if TYPE_CHECKING:
    from .head import HeadLine
    from .strict import Strict


def lines(
    base_url: str, site: str, language: str, strict: Strict, head: HeadLine | None
) -> dict[str, Any]:
    """Give the lines for a page: the usual one, the strict one, the head's, and the policy."""
    address = f"{base_url}/w/{site}"
    asked = f"?lang={language}"
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
        "head": said(head),
        "policy": _policy(base_url, strict, head),
    }


def said(head: HeadLine | None) -> dict[str, Any] | None:
    """Give the line for the page's head, which must stand before any tag, and its hash."""
    if head is None:
        return None
    return {"line": head.line, "hash": code_hash(), "hosts": list(head.hosts)}


def _policy(base_url: str, strict: Strict, head: HeadLine | None) -> str:
    """Say what a Content-Security-Policy must allow; no style, no eval, nobody else."""
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    inline = f" '{code_hash()}'" if head else ""
    return (
        f"script-src {origin}{inline} '{strict.integrity}'; connect-src {origin};"
        " require-trusted-types-for 'script'"
    )
