"""The application that is attacked."""

from __future__ import annotations

from tests.support.ground import ground

__all__ = ["ground"]
