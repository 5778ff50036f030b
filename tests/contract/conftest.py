"""The application that the document's promises are tried on."""

from __future__ import annotations

from tests.support.ground import ground

__all__ = ["ground"]
