"""What a link's text lets its holder do: the name withdraws, the signature shows more.

The token is the link's random name, signed. The name alone authorises withdrawal, so that
a lost or leaked signing key never stops anybody from leaving; what a page shows beyond
its button, and the button itself, ask for a signature (design.md §9).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from itsdangerous import BadData, Signer, TimestampSigner

from ..web import current

if TYPE_CHECKING:
    from collections.abc import Callable

# One salt per use: a token of one is no token of another (standards.md TOK-3).
_LINK_SALT: Final = b"unsub.v1"
_PAGE_SALT: Final = b"unsub.page.v1"
PAGE_SECONDS: Final = 24 * 3600


@dataclass(frozen=True)
class Held:
    """A token as somebody brought it: its name, and whether our signature is on it."""

    name: str
    genuine: bool

    @property
    def link_hash(self) -> bytes:
        """Hash the name, as the directory outside the wall knows it."""
        return hashlib.sha256(self.name.encode()).digest()


class _PageSigner(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(current.now().timestamp())


def sign_link(name: str) -> str:
    """Write a link's token: its name and our signature."""
    return _link_signer().sign(name).decode()


def link_signer() -> Callable[[str], str]:
    """Give what writes the tokens of many links."""
    signer = _link_signer()
    return lambda name: signer.sign(name).decode()


def read_link(token: str) -> Held:
    """Read a token; anything has a name, but only ours are signed."""
    try:
        return Held(_link_signer().unsign(token).decode(), genuine=True)
    except (BadData, UnicodeError):
        return Held(token.partition(".")[0], genuine=False)


def sign_page(held: Held, deed: str) -> str:
    """Sign what one page's button does; good for a day."""
    return _page_signer().sign(_mark(held, deed)).decode()


def page_allows(held: Held, deed: str, text: str) -> bool:
    """Tell whether a page of this link, at most a day old, offered this very deed."""
    try:
        mark = _page_signer().unsign(text, max_age=PAGE_SECONDS)
    except (BadData, UnicodeError):
        return False
    return mark.decode() == _mark(held, deed)


def _mark(held: Held, deed: str) -> str:
    return hashlib.sha256(f"{deed}|{held.name}".encode()).hexdigest()[:32]


def _link_signer() -> Signer:
    # The library's own defaults are SHA-1 and a salt that every use shares (TOK-2).
    return Signer(
        current.keyring().token_keys,
        salt=_LINK_SALT,
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )


def _page_signer() -> _PageSigner:
    return _PageSigner(
        current.keyring().token_keys,
        salt=_PAGE_SALT,
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
