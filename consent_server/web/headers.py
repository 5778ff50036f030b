"""Headers that every answer carries, whatever room or error made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .pages import CSP

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Response

    from ..config import Settings

Defaults = tuple[tuple[str, str], ...]

_NOTHING: Final = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
)
_EVERY: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_PAGE: Final = (
    ("Content-Security-Policy", CSP),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", _NOTHING),
    ("X-Frame-Options", "DENY"),
)
# JSON opened in a browser is a page too; this one may do nothing at all.
_OTHER: Final = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
)
_TWO_YEARS: Final = (("Strict-Transport-Security", "max-age=63072000"),)


class Headers:
    """What is added to an answer that does not say otherwise itself."""

    def __init__(self, settings: Settings) -> None:
        every = _EVERY + (_TWO_YEARS if settings.secure else ())
        self._page: Defaults = every + _PAGE + (("Cache-Control", "no-store"),)
        self._other: Defaults = every + _OTHER

    def of_json(self, said: Collection[str]) -> Defaults:
        """Give what an answer in JSON lacks that says these itself, but for its name."""
        lower = {name.lower() for name in said}
        return tuple(each for each in self._other if each[0].lower() not in lower)

    def add(self, response: Response, request_id: str) -> None:
        """Add what is missing, and the request's name."""
        headers = response.headers
        said = {name.lower() for name, _ in headers}
        page = headers.get("Content-Type", "").startswith("text/html")
        defaults = self._page if page else self._other
        missing = [(name, value) for name, value in defaults if name.lower() not in said]
        headers.extend([*missing, ("X-Request-Id", request_id)])
