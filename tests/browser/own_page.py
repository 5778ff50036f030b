"""A page of the test's own at a site's address: the browser asks, the test answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import BrowserContext

PATH: Final = "/own-page"
# Whoever runs what must not run calls this; the wall outside the page hears of it too.
TRAP: Final = """
window.trapped = []
window.trap = (what) => { window.trapped.push(String(what ?? 'trap')); return '' }
window.alert = window.confirm = window.prompt = window.print = window.trap
addEventListener('error', ({ message }) => (window.failed ??= []).push(message))
"""
# A browser as they were before they had a sanitizer of their own.
OLDER: Final = "for (const { prototype } of [Element, ShadowRoot]) delete prototype.setHTML"


def serve(
    context: BrowserContext,
    origin: str,
    *,
    head: str = "",
    body: str = "",
    headers: Mapping[str, str] | None = None,
    path: str = PATH,
) -> str:
    """Put a page on a site, before what is really there; gives its address."""
    # A page that came from no address may not ask this machine for anything without leave.
    context.grant_permissions(["local-network-access"])
    document = (
        "<!doctype html><html lang=fr><head><meta charset=utf-8><title>Page</title>"
        f"{head}</head><body><main><h1>Page</h1><p id=here>Un texte.</p>{body}</main></body>"
        "</html>"
    )
    context.route(
        f"{origin}{path}**",
        lambda route: route.fulfill(
            body=document, content_type="text/html; charset=utf-8", headers={**(headers or {})}
        ),
    )
    return origin + path


def embed(script: str, more: str = "async") -> str:
    """Write the one line."""
    return f'<script src="{script}" {more}></script>'


def held(purpose: str, then: str) -> str:
    """Write a script that waits for a purpose."""
    return f'<script type="text/plain" data-purpose="{purpose}">{then}</script>'
