"""The lines that put a site's banner on its pages, and the policy they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..web.assets import SIGNUP, address, asset
from .head import code_hash

if TYPE_CHECKING:
    from .head import HeadLine
    from .strict import Strict


def lines(
    base_url: str, site: str, language: str, strict: Strict, head: HeadLine | None
) -> dict[str, Any]:
    """Give the lines for a page: usual, strict, the head's, a form's, and the policy."""
    own = f"{base_url}/w/{site}"
    asked = f"?lang={language}"
    return {
        "site": site,
        "line": f'<script src="{own}.js{asked}" async></script>',
        "strict": {
            "digest": strict.digest,
            "integrity": strict.integrity,
            "line": (
                f'<script src="{own}.{strict.digest}.js{asked}"'
                f' integrity="{strict.integrity}" crossorigin="anonymous" async></script>'
            ),
            "configuration": f"{own}.{strict.digest}.json{asked}",
        },
        "head": said(head),
        "form": _form(base_url, language),
        "policy": _policy(base_url, strict, head),
    }


def said(head: HeadLine | None) -> dict[str, Any] | None:
    """Give the line for the page's head, which must stand before any tag, and its hash."""
    if head is None:
        return None
    return {"line": head.line, "hash": code_hash(), "hosts": list(head.hosts)}


def _form(base_url: str, language: str) -> dict[str, str]:
    """Give the line for pages with a sign-up form, and the one whose bytes are checked."""
    script = f"signup/{language}.js"
    if script not in SIGNUP:
        script = "signup/en.js"
    return {
        "line": f'<script src="{base_url}/static/{script}" defer></script>',
        "strict": (
            f'<script src="{base_url}{address(script)}" integrity="{asset(script).integrity}"'
            ' crossorigin="anonymous" defer></script>'
        ),
    }


def _policy(base_url: str, strict: Strict, head: HeadLine | None) -> str:
    """Say what a Content-Security-Policy must allow; no style, no eval, nobody else."""
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    inline = f" '{code_hash()}'" if head else ""
    return (
        f"script-src {origin}{inline} '{strict.integrity}'; connect-src {origin};"
        " require-trusted-types-for 'script'"
    )
