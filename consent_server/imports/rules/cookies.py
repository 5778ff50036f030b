"""The cookies in which three banners keep a visitor's choices, read. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST: Final = 8192
_MOST: Final = 500


class NotACookie(ValueError):
    """The text is not what this banner writes."""


def read_cookie(banner: str, text: str) -> dict[str, bool]:
    """Give the answers of a cookie by service or category; raises `NotACookie`.

    What waits for an answer is not among them.
    """
    if len(text) > _LONGEST:
        raise NotACookie(f"a cookie has at most {_LONGEST} characters")
    answers = _READERS[banner](unquote(text.strip()))
    if len(answers) > _MOST:
        raise NotACookie(f"a cookie answers at most {_MOST} services")
    return answers


def visitor_in(banner: str, text: str) -> str:
    """Give the visitor's own id, where the cookie holds one."""
    if banner != "cookieconsent":
        return ""
    found = _object(unquote(text.strip())).get("consentId", "")
    return found if isinstance(found, str) else ""


def moment_in(banner: str, text: str) -> str:
    """Give when the visitor answered last, where the cookie says so."""
    if banner != "cookieconsent":
        return ""
    held = _object(unquote(text.strip()))
    found = held.get("lastConsentTimestamp") or held.get("consentTimestamp") or ""
    return found if isinstance(found, str) else ""


def _klaro(text: str) -> dict[str, bool]:
    held = _object(text)
    if not all(isinstance(value, bool) for value in held.values()):
        raise NotACookie('klaro writes {"service": true, "other": false}')
    return held


def _tarteaucitron(text: str) -> dict[str, bool]:
    answers: dict[str, bool] = {}
    for part in text.strip("!").split("!"):
        service, equals, answer = part.partition("=")
        if not equals or not service:
            raise NotACookie("tarteaucitron writes !service=true!other=false")
        if answer != "wait":
            answers[service] = answer == "true"
    return answers


def _cookieconsent(text: str) -> dict[str, bool]:
    held = _object(text)
    accepted = held.get("categories")
    if not isinstance(accepted, list) or not all(isinstance(each, str) for each in accepted):
        raise NotACookie('cookieconsent writes {"categories": ["necessary", …], …}')
    services: Mapping[str, Any] = held.get("services") or {}
    # A category it knows and does not list is refused; which it knows, `services` tells.
    answers = {name: name in accepted for name in services}
    return {**answers, **dict.fromkeys(accepted, True)}


def _object(text: str) -> dict[str, Any]:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        raise NotACookie("this is not the JSON that the banner writes") from None
    if not isinstance(held, dict):
        raise NotACookie("this is not the JSON object that the banner writes")
    return held


_READERS: Final = {
    "klaro": _klaro,
    "tarteaucitron": _tarteaucitron,
    "cookieconsent": _cookieconsent,
}
