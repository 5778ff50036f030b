"""A swift door and the Flask behind it, to be asked side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from consent_server.web.swift import Swift


def door_of(app: Flask, kind: type[Swift]) -> Any:
    """Find one of the doors that stand before an application."""
    found: Any = app.wsgi_app
    while not isinstance(found, kind):
        found = found.flask
    return found


class Alone:
    """A swift door with nobody behind it."""

    def __init__(self, door: Swift) -> None:
        self.door, self.flask = door, door.flask

    def __enter__(self) -> None:
        def nobody(*_: Any) -> NoReturn:
            raise AssertionError("it was handed over")

        self.door.flask = nobody

    def __exit__(self, *_: object) -> None:
        self.door.flask = self.flask


def said(answer: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    """Give status, headers and body, without what differs from request to request."""
    headers = [
        (name, re.sub(r";r=\d+", ";r=…", value))
        for name, value in answer.headers
        if name != "X-Request-Id"
    ]
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])
    return answer.status, headers, answer.get_data()
