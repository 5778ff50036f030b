"""Is a new version editorial or material, for which purposes, and why. Pure."""

from .judge import Judgement, judge
from .reasons import Reason

__all__ = ["Judgement", "Reason", "judge"]
