"""Unsubscribing: the link, its page, its one click."""

from __future__ import annotations

from ..web import Door

door = Door("newsletters", __name__, description="Leaving a list, in one click.")
