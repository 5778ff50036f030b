"""How large a test runs: small with every change, at the figure of its requirement when asked.

HYPOTHESIS_PROFILE=figures asks: properties try 200,000 examples, loops turn as often as
the requirement says (docs/contributing.md).
"""

from __future__ import annotations

import os

FIGURES = os.environ.get("HYPOTHESIS_PROFILE") == "figures"


def figure(usual: int, asked_for: int) -> int:
    """Give how often, or how many: as usual, or as the requirement asks for."""
    return asked_for if FIGURES else usual
