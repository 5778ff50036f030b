"""The signature of a time stamp (CMS), held against one certificate and nothing else."""

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from consent_server.verify.cms import NotPlainError, members, only, split

_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex(f"06096086480165030402{last}"): each
    for last, each in (
        ("01", hashes.SHA256()),
        ("02", hashes.SHA384()),
        ("03", hashes.SHA512()),
    )
}
_CONTENT_TYPE, _MESSAGE_DIGEST = (
    bytes.fromhex(f"06092a864886f70d0109{last}") for last in ("03", "04")
)
_SET = b"\x31"


def require_signed_by(token: bytes, who: x509.Certificate) -> None:
    """See that a stamp was signed by this very certificate's key.

    Raises InvalidSignature, or ValueError or LookupError for what cannot be read.
    """
    _, explicit = members(only(token))
    data = members(only(only(explicit)))
    kind, content = members(only(data[2]))
    signer = members(only(only(data[-1])))
    manner = _HASHES[split(only(signer[2]))[0]]
    parts = [members(only(each)) for each in split(only(signer[3]))]
    said = {part[0]: only(part[1]) for part in parts}
    digest = hashlib.new(manner.name, only(only(content))).digest()
    if (only(said[_MESSAGE_DIGEST]), said[_CONTENT_TYPE]) != (digest, kind):
        raise NotPlainError("signed over something else")
    if only(data[1]) != signer[2]:
        raise NotPlainError("another hash")
    if members(only(signer[1]))[0] != who.issuer.public_bytes():
        raise NotPlainError("signed by another")
    # As they are signed: a set, not the part of the signer that holds them.
    _verify(who, only(signer[5]), _SET + signer[3][1:], manner)


def _verify(
    who: x509.Certificate, signature: bytes, signed: bytes, manner: hashes.HashAlgorithm
) -> None:
    key = who.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), manner)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(manner))
    else:
        raise NotPlainError("another manner of signing")
