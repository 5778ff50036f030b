"""The room's door: one for all its files of routes."""

from __future__ import annotations

from ..web import Door

door = Door(
    "notices",
    __name__,
    description="The organisation's document; notices and their versions; purposes, trackers.",
)
