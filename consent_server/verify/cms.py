"""The frame of a time stamp (CMS, RFC 5652): the parts of it that no signature covers.

A reader may pass over them; here each must be the one it has to be, or it could be changed
unseen.
"""

from collections.abc import Sequence

_RSA = bytes.fromhex("300d06092a864886f70d010101" + "0500")
# How a signer may sign, and the hash that it then has to name.
_SIGNS = {
    bytes.fromhex(f"300d06092a864886f70d0101{rsa}0500"): digest
    for rsa, digest in (("0b", "01"), ("0c", "02"), ("0d", "03"))
} | {
    bytes.fromhex(f"300a06082a8648ce3d0403{ecdsa}"): digest
    for ecdsa, digest in (("02", "01"), ("03", "02"), ("04", "03"))
}
# 2.16.840.1.101.3.4.2: the family of SHA-2, in which 1, 2 and 3 are 256, 384 and 512.
_DIGEST = "06096086480165030402"
_VERSIONS = (b"\x02\x01\x03", b"\x02\x01\x01")
_SIGNED_ATTRIBUTES = 0xA0


class NotPlainError(ValueError):
    """A part of the frame is not what it has to be."""


def require_plain_frame(token: bytes) -> None:
    """See that nothing in a token's frame is free to be something else."""
    _, explicit = members(only(token))
    data = members(only(only(explicit)))
    signer = members(only(only(data[-1])))
    # version, who, digest, signed attributes, signature's manner, signature; and no more.
    if len(signer) != 6 or signer[3][0] != _SIGNED_ATTRIBUTES:
        raise NotPlainError("a signer that says more or less")
    if (data[0], signer[0]) != _VERSIONS:
        raise NotPlainError("another version")
    digest = _SIGNS.get(signer[4])
    if digest is None and signer[4] != _RSA:
        raise NotPlainError("another manner of signing")
    if digest is not None and bytes.fromhex(_DIGEST + digest) not in signer[2]:
        raise NotPlainError("another hash")


def signature_is_whole(certificate: bytes, signature: bytes) -> bool:
    """Tell whether a certificate's signature is written as whole bytes, as all of them are."""
    return certificate.endswith(b"\x00" + signature)


def only(data: bytes) -> bytes:
    """Give what the one value in these bytes holds."""
    (one,) = split(data)
    return _inside(one)


def members(content: bytes) -> Sequence[bytes]:
    """Give the values that stand in these bytes, two of them at least."""
    found = split(content)
    if len(found) < 2:
        raise NotPlainError("parts are missing")
    return found


def split(data: bytes) -> list[bytes]:
    """Give the values that stand in these bytes."""
    found, at = [], 0
    while at < len(data):
        length, head = _length(data, at)
        found.append(data[at : at + head + length])
        at += head + length
    return found


def _inside(value: bytes) -> bytes:
    return value[len(value) - _length(value, 0)[0] :]


def _length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at + 1]
    if first < 0x80:
        return first, 2
    count = first - 0x80
    return int.from_bytes(data[at + 2 : at + 2 + count], "big"), 2 + count
