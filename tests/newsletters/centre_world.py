"""What the tests of the preference centre share: a link, its page, its buttons, its mails."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.house import House

ADA = {"email": "ada.lindqvist@people.example"}
_FORM = re.compile(r"<form method=\"post\"[^>]*>(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def link(house: House, subject: dict[str, Any] = ADA) -> str:
    """Make a link by the API; gives its path."""
    answer = house.post("/v1/preference-links", {"subject": subject})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(urlsplit(answer.get_json()["url"]).path)


def open_page(house: House, path: str, language: str = "en") -> str:
    """Open a page as a browser does, without a cookie or a key."""
    answer = house.client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def buttons(page: str) -> list[dict[str, str]]:
    """Find what each button of a page would send."""
    return [dict(_HIDDEN.findall(form)) for form in _FORM.findall(page)]


def press(
    house: House, path: str, deed: str, purpose: str = "", page: str = "", **more: str
) -> TestResponse:
    """Press a button of a page, with what was chosen beside it."""
    offered = [
        each
        for each in buttons(page or open_page(house, path))
        if each.get("do") == deed and (not purpose or each.get("purpose", purpose) == purpose)
    ]
    assert offered, f"no button does {deed} {purpose}"
    chosen = {"purpose": purpose} if purpose else {}
    return house.client.post(
        path, data={**offered[0], **chosen, **more}, headers={"Accept-Language": "en"}
    )


def read(answer: TestResponse, status: int = 200) -> str:
    """Read what a page says, its letters as a person sees them."""
    text = answer.get_data(as_text=True)
    told = re.findall("<strong>(.*?)</strong>", text)
    assert answer.status_code == status, told[:1]
    return html.unescape(text)
