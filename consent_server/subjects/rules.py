"""What a suppression covers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..organisations.document.vocabulary import REACHING, Channel

if TYPE_CHECKING:
    from ..notices.values import Purpose

MARKETING: Final = "marketing"
CHANNEL: Final = "channel:"
PURPOSE: Final = "purpose:"
CHANNELS: Final = tuple(str(each) for each in Channel if each in REACHING)
_MARKETING_KINDS: Final = frozenset({"newsletter", "prospecting"})


def covers(scope: str, purpose: Purpose) -> bool:
    """Tell whether a suppression of this scope stops a purpose."""
    if scope == MARKETING:
        return is_marketing(purpose)
    return scope in {f"{PURPOSE}{purpose.id}", f"{CHANNEL}{purpose.channel}"}


def is_marketing(purpose: Purpose) -> bool:
    """Tell whether a purpose is marketing: only a use that reaches the person is."""
    reaches = purpose.basis == "legitimate_interest" and purpose.channel in CHANNELS
    return purpose.kind in _MARKETING_KINDS or reaches
