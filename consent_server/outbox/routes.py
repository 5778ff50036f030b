"""The event feed: everything that changed, in one dense order."""

from __future__ import annotations

from ..web import Door

door = Door("events", __name__, description="What changed, in order.")
