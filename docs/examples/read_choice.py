"""A site's own server reads the visitor's choice from the banner's cookie (Flask).

The cookie is the visitor's: they may write what they like into it. It says what to show
them, never what they may do, and what cannot be read is no choice at all. The proof of a
choice is with the consent server.

    flask --app read_choice run
"""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, request

COOKIE: Final = "consent"
# The longest that is looked at; a browser keeps no more than 4096 bytes.
_LONGEST: Final = 4096
_FORM: Final = re.compile(
    r"1~[\w-]{22}~(?:[\w-]{22}|)~[0-9a-z]{1,9}~[\w.-]{0,128}((?:~[\w.-]+)*)", re.ASCII
)
_ANSWER: Final = re.compile(r"([grs])(\d{1,9})-([\w.-]{1,64})", re.ASCII)


def granted(cookie: str | None) -> frozenset[str]:
    """Name the purposes granted; none for a cookie that is absent, forged or garbled."""
    found = _FORM.fullmatch(cookie) if cookie and len(cookie) <= _LONGEST else None
    if found is None:
        return frozenset()
    said: dict[str, str] = {}
    for each in found[1].split("~"):
        answer = _ANSWER.fullmatch(each)
        # Said twice is not said: whoever doubts, refuses.
        if answer is not None:
            said[answer[3]] = "r" if answer[3] in said else answer[1]
    return frozenset(purpose for purpose, letter in said.items() if letter == "g")


app = Flask(__name__)


@app.get("/")
def page() -> str:
    """Put the film into the page only for those who allowed films."""
    if "video" in granted(request.cookies.get(COOKIE)):
        return "<p>The film stands here.</p>"
    return "<p>Here would be a film, if you allowed it.</p>"
