"""The room's door: its pages are kept as files, and templates are found through it."""

from __future__ import annotations

from ..web import Door

door = Door("proofs", __name__, description="Proofs to hand over.")
