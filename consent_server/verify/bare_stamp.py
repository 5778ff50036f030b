"""Time stamps (RFC 3161) where no library is: that they are over this text, not by whom."""

import hashlib
from typing import NoReturn

from consent_server.verify.stamp_said import Stamped, read_stamp
from consent_server.verify.verdict import BadAuthorityError, Place, Refused

_SHA256 = bytes.fromhex("0609608648016503040201")
_NEEDED = (
    "who stamped is not checked by this Python: `pip install cryptography rfc3161-client`,"
    " or ask `openssl ts -verify`"
)


def read_authorities(pem: bytes) -> NoReturn:
    """Say that certificates cannot be read here; raises BadAuthorityError."""
    raise BadAuthorityError(_NEEDED)


def check_stamp(token: bytes, text: bytes, at: int, trusted: object) -> Stamped:
    """Read a stamp that nobody vouches for; raises Refused for one over another text."""
    del trusted
    place = Place(f"stamps[{at}]")
    try:
        said = read_stamp(token)
    except (ValueError, LookupError) as error:
        raise Refused("bad_stamp", place) from error
    if said.manner != _SHA256 or said.imprint != hashlib.sha256(text).digest():
        raise Refused("stamp_of_another", place)
    return said.stamped
