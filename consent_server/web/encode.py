"""Writing JSON: one encoder, made once, that refuses what JSON cannot say."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from flask.json.provider import JSONProvider

from ..clock import rfc3339


class Encoder(JSONProvider):
    """Flask's JSON for this application: compact, UTF-8, times as RFC 3339, never NaN."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """Write one value."""
        return _ENCODER.encode(obj)

    def loads(self, s: str | bytes, **options: Any) -> Any:
        """Read one value that we wrote ourselves; bodies of others go through `takes`."""
        return json.loads(s, **options)


def _otherwise(value: object) -> str:
    if isinstance(value, datetime):
        return rfc3339(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_otherwise
)
