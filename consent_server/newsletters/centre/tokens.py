"""What opens a preference centre: a sealed token, for thirty days; or, by mail, for an hour.

The token holds the keyed hashes of one identifier, sealed, so that making one writes nothing
and asks nothing: it takes as long for somebody unknown as for somebody known, and says as
little. Whoever has it may see and refuse; to allow anything takes one that came by mail on
request, and is young (design.md §7, "preference centre").
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from itsdangerous import BadData, TimestampSigner

from ...keyring import CannotOpen, seal, unseal
from ...web import current
from ..capability import Held, page_allows, sign_page

if TYPE_CHECKING:
    from datetime import datetime

    from ...keyring import OrganisationKeys

LINK_DAYS: Final = 30
PROOF_MINUTES: Final = 60
_SALTS: Final = {False: b"prefs.v1", True: b"prefs.proof.v1"}
_LIVES: Final = {False: LINK_DAYS * 86_400, True: PROOF_MINUTES * 60}
_USE: Final = "preferences"
_KINDS: Final = ("email", "phone", "external_id", "visitor")
_HEAD: Final = 9
_HASH: Final = 32


@dataclass(frozen=True)
class Bearer:
    """Whose page a token opens: an organisation's, and one identifier by its keyed hashes."""

    organisation: int
    kind: str
    hashes: tuple[bytes, ...]
    # She has just shown, by a mail, that the address is hers.
    proved: bool
    made_at: datetime
    # What the page's own button is bound to.
    mark: str

    def sign_button(self) -> str:
        """Sign what this page's buttons send; good for a day."""
        return sign_page(Held(self.mark, genuine=True), _USE)

    def sign_undo(self, decision: str) -> str:
        """Sign that the holder of this page has just made a decision, and may take it back."""
        return sign_page(Held(self.mark, genuine=True), f"{_USE}|undo|{decision}")

    def may_undo(self, decision: str, text: str) -> bool:
        """Tell whether a page of this token, at most a day old, offered to take it back."""
        held = Held(self.mark, genuine=True)
        return self.proved or page_allows(held, f"{_USE}|undo|{decision}", text)

    def button_is_ours(self, text: str) -> bool:
        """Tell whether a page of this very token, at most a day old, sent it."""
        return page_allows(Held(self.mark, genuine=True), _USE, text)


def write_token(keys: OrganisationKeys, kind: str, match: str, *, proved: bool = False) -> str:
    """Write a token for whoever has this identifier, known or not."""
    versions = sorted(keys.index_keys, reverse=True)
    head = keys.organisation.to_bytes(8, "big") + bytes([_KINDS.index(kind)])
    plain = head + b"".join(keys.index(kind, match, each) for each in versions)
    sealed = seal(current.keyring().derive(_USE), plain, _USE.encode())
    name = base64.urlsafe_b64encode(sealed).rstrip(b"=")
    return _signer(proved=proved).sign(name).decode()


def read_token(text: str) -> Bearer | None:
    """Read a token; None for one that is not ours, was changed, or is too old."""
    return _read(text, proved=False) or _read(text, proved=True)


def whose(text: str) -> int | None:
    """Tell whose page a token opened, however old it is."""
    for proved in (False, True):
        bearer = _read(text, proved=proved, ever=True)
        if bearer is not None:
            return bearer.organisation
    return None


def _read(text: str, *, proved: bool, ever: bool = False) -> Bearer | None:
    life = None if ever else _LIVES[proved]
    try:
        signer = _signer(proved=proved)
        name, made_at = signer.unsign(text, max_age=life, return_timestamp=True)
        sealed = base64.urlsafe_b64decode(name + b"=" * (-len(name) % 4))
        plain = unseal(current.keyring().derive(_USE), sealed, _USE.encode())
    except (BadData, CannotOpen, ValueError):
        return None
    rest = plain[_HEAD:]
    return Bearer(
        organisation=int.from_bytes(plain[:8], "big"),
        kind=_KINDS[plain[8]],
        hashes=tuple(rest[at : at + _HASH] for at in range(0, len(rest), _HASH)),
        proved=proved,
        made_at=made_at,
        mark=hashlib.sha256(text.encode()).hexdigest(),
    )


class _Signer(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(current.now().timestamp())


def _signer(*, proved: bool) -> _Signer:
    return _Signer(
        current.keyring().token_keys,
        salt=_SALTS[proved],
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
