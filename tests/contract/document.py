"""The document as it is served, without a database: what the tests are generated from."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis

from consent_server.app import create_app
from consent_server.config import Settings
from consent_server.keyring import Keyring

# What mail servers report is sent as it is.
schemathesis.serializer.alias(["message/rfc822", "multipart/report"], "text/plain")


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    """Send lines as they are: the tool knows other forms of them only."""
    return value if isinstance(value, bytes) else str(value).encode()


@cache
def document() -> dict[str, Any]:
    """Give `/v1/openapi.json`."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"CONSENT_DATA": str(Path(folder))})
        Keyring.create(settings.keys)
        app = create_app(settings)
        made: dict[str, Any] = app.test_client().get("/v1/openapi.json").get_json()
    return made
