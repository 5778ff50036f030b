"""Country packs: which rule the law gives a question. Pure; dated data, cited line by line."""

from .choose import DOUBT, pack_for
from .pack import FORBIDDEN, Cell, Pack

__all__ = ["DOUBT", "FORBIDDEN", "Cell", "Pack", "pack_for"]
