"""Time stamps (RFC 3161) where no library is: that they are over this text, not by whom."""

import hashlib
from typing import NoReturn

from consent_server.verify.cms import members, only
from consent_server.verify.verdict import BadAuthorityError, Place, Refused

_SHA256 = bytes.fromhex("0609608648016503040201")
_NEEDED = (
    "who stamped is not checked by this Python: `pip install cryptography rfc3161-client`,"
    " or ask `openssl ts -verify`"
)


def read_authorities(pem: bytes) -> NoReturn:
    """Say that certificates cannot be read here; raises BadAuthorityError."""
    raise BadAuthorityError(_NEEDED)


def check_stamp(token: bytes, text: bytes, at: int, trusted: object) -> None:
    """See that a stamp is over this text; raises Refused for one that is over another."""
    del trusted
    place = Place(f"stamps[{at}]")
    try:
        manner, imprint = _imprint(token)
    except (ValueError, LookupError) as error:
        raise Refused("bad_stamp", place) from error
    if manner != _SHA256 or imprint != hashlib.sha256(text).digest():
        raise Refused("stamp_of_another", place)


def _imprint(token: bytes) -> tuple[bytes, bytes]:
    """Walk ContentInfo, SignedData, TSTInfo; give the manner of hashing and the hash."""
    _, explicit = members(only(token))
    content = members(only(only(explicit)))[2]
    _, told = members(only(content))
    imprint = members(only(only(only(told))))[2]
    manner, hashed = members(only(imprint))
    return members(only(manner) + b"\x05\x00")[0], only(hashed)
