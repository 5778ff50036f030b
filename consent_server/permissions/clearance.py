"""The clearance of one answer: a short signed token that a sender stores with the send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..ids import public
from ..web import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..organisations import Caller

KIND: Final = "consent-answer+jwt"
# What was answered, and no more: no address, nothing of the person but her opaque id.
_KEPT: Final = (
    "allowed",
    "because",
    "regime",
    "purpose",
    "channel",
    "subject",
    "decision",
    "as_of",
    "max_age",
)


def clear(known: Caller, said: Mapping[str, Any]) -> str:
    """Sign what a key was answered."""
    payload = {
        "v": 1,
        "organisation": public("org", known.organisation),
        "key": known.key_id,
        **{name: said[name] for name in _KEPT},
    }
    return _signer().sign_statement(payload, KIND)


def read_clearance(known: Caller, text: str) -> dict[str, Any] | None:
    """Give what a clearance says; None unless we signed it for this organisation."""
    found = _signer().read_statement(text, KIND)
    own = public("org", known.organisation)
    return found if found is not None and found.get("organisation") == own else None


def _signer() -> ledger.LogSigner:
    return ledger.LogSigner.of(current.settings(), current.keyring())
