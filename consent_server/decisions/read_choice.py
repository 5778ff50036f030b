"""Reading a visitor's choice: what others have said in the same words is not read again.

Hundreds of visitors a second send the same notice version, language, action, answers and
surface. Those are read by the schema once; of the next such body only what is its own is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..web.schema import load
from .schemas import BannerDecision, OwnPart

if TYPE_CHECKING:
    from collections.abc import Hashable

_WHOLE: Final = BannerDecision()
_OWN: Final = OwnPart()
_COMMON: Final = frozenset(_WHOLE.load_fields.keys() - _OWN.load_fields.keys())
_MOST: Final = 1024
_read: Final[dict[Hashable, dict[str, Any]]] = {}


def read_choice(body: dict[str, Any]) -> dict[str, Any]:
    """Read a body as its schema does; raises `Unprocessable` as `load` does."""
    words = _words(body)
    common = _read.get(words) if words is not None else None
    if common is not None:
        own = _OWN.read({name: body[name] for name in body if name not in _COMMON})
        if own is not None:
            return {**common, **own}
    loaded = load(_WHOLE, body)
    if words is not None and common is None:
        if len(_read) >= _MOST:
            _read.clear()
        _read[words] = {name: loaded[name] for name in _COMMON}
    return loaded


def _words(body: dict[str, Any]) -> Hashable:
    """Give what is common, to be compared; None if no good body could hold it."""
    try:
        words = (
            body["notice_version"], body["language"], body["action"], body["surface"],
            *body["choices"].items(),
        )  # fmt: skip
        hash(words)
    except (KeyError, TypeError, AttributeError):
        return None
    return words
