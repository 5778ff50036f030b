"""What the link in a confirmation mail lets its holder do, and for how long."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadData, SignatureExpired, TimestampSigner

from ...web import current

# One salt per use: a token of one is no token of another (standards.md TOK-3).
_LINK_SALT: Final = b"doi.v1"
_PAGE_SALT: Final = b"doi.page.v1"
LINK_SECONDS: Final = 7 * 24 * 3600
PAGE_SECONDS: Final = 24 * 3600


@dataclass(frozen=True)
class Brought:
    """A token as somebody brought it: the name that our signature is on, if it is."""

    name: str
    expired: bool


class _Signer(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(current.now().timestamp())


def sign(name: str) -> str:
    """Write a link's token; good for seven days."""
    return _signer(_LINK_SALT).sign(name).decode()


def read(token: str) -> Brought | None:
    """Read a token; None for one that we did not sign, or that was cut or changed."""
    try:
        return Brought(_text(_LINK_SALT, token, LINK_SECONDS), expired=False)
    except SignatureExpired as error:
        payload = error.payload
        return Brought(payload.decode() if payload else "", expired=True)
    except (BadData, UnicodeError):
        return None


def sign_page(name: str) -> str:
    """Sign what the page's button sends; good for a day."""
    return _signer(_PAGE_SALT).sign(_mark(name)).decode()


def page_allows(name: str, text: str) -> bool:
    """Tell whether a page of this link, at most a day old, sent this."""
    try:
        return _text(_PAGE_SALT, text, PAGE_SECONDS) == _mark(name)
    except (BadData, UnicodeError):
        return False


def _text(salt: bytes, token: str, seconds: int) -> str:
    return _signer(salt).unsign(token, max_age=seconds).decode()


def _mark(name: str) -> str:
    return hashlib.sha256(f"confirm|{name}".encode()).hexdigest()[:32]


def _signer(salt: bytes) -> _Signer:
    return _Signer(
        current.keyring().token_keys,
        salt=salt,
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
