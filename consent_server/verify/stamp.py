"""Time stamps (RFC 3161) over a proof's checkpoint: whole, of that text, by whom one trusts."""

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import rfc3161_client as tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from consent_server.verify.cms import require_plain_frame, signature_is_whole
from consent_server.verify.verdict import BadAuthorityError, Place, Refused

_SHA256 = "2.16.840.1.101.3.4.2.1"
# What a library raises at bytes that a stranger has changed.
_BROKEN = (
    Warning,
    ValueError,
    LookupError,
    TypeError,
    tsp.VerificationError,
    x509.InvalidVersion,
    InvalidSignature,
    UnsupportedAlgorithm,
)


@dataclass(frozen=True)
class Stamped:
    """What a stamp says: when, and who says so."""

    time: str
    authority: str


def read_authorities(pem: bytes) -> list[x509.Certificate]:
    """Read the certificates one trusts to stamp; raises BadAuthorityError."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadAuthorityError("no certificates (PEM) stand in it") from error


def check_stamp(
    token: bytes, text: bytes, at: int, trusted: Sequence[x509.Certificate]
) -> Stamped | None:
    """Check one stamp over a checkpoint's text; None if nobody was named who may stamp.

    Raises Refused for one that is damaged, over another text, or not by whom one trusts.
    """
    place = Place(f"stamps[{at}]")
    try:
        response = tsp.decode_timestamp_response(_granted(token))
        imprint = response.tst_info.message_imprint
    except _BROKEN as error:
        raise Refused("bad_stamp", place) from error
    if (
        imprint.hash_algorithm.dotted_string != _SHA256
        or imprint.message != hashlib.sha256(text).digest()
    ):
        raise Refused("stamp_of_another", place)
    if not trusted:
        return None
    try:
        return _by_whom_one_trusts(token, response, trusted)
    except (*_BROKEN, StopIteration) as error:
        raise Refused("stamp_not_trusted", place) from error


def _by_whom_one_trusts(
    token: bytes, response: tsp.TimeStampResponse, trusted: Sequence[x509.Certificate]
) -> Stamped:
    with warnings.catch_warnings():
        # What a certificate must not hold, such as no serial number, is only warned of.
        warnings.simplefilter("error")
        several = response.signed_data.certificates
        certificates = [x509.load_der_x509_certificate(each) for each in several]
        require_plain_frame(token)
        _require_vouched(certificates, trusted)
        told = response.tst_info
        verifier = tsp.VerifierBuilder(roots=list(trusted)).build()
        verifier.verify(response, told.message_imprint.message)
        (signer,) = response.signed_data.signer_infos
        who = next(one for one in certificates if one.serial_number == signer.serial_number)
    return Stamped(told.gen_time.strftime("%Y-%m-%dT%H:%M:%SZ"), who.subject.rfc4514_string())


def _granted(token: bytes) -> bytes:
    """Put a token into the answer it came in, the only form that the library reads."""
    body = b"\x30\x03\x02\x01\x00" + token
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    # DER writes a length in as few bytes as it takes; a token is never shorter than 128.
    return b"\x30" + bytes([0x80 | len(size)]) + size + body


def _require_vouched(
    certificates: Iterable[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> None:
    """See that each certificate of a stamp is trusted or signed by one that is there.

    Those that nothing hangs on could be changed unseen.
    """
    several = list(certificates)
    for one in several:
        if one in trusted:
            continue
        whole = signature_is_whole(one.public_bytes(Encoding.DER), one.signature)
        if not whole or not any(_signed(one, by) for by in [*several, *trusted]):
            raise tsp.VerificationError("a certificate that nobody vouches for")


def _signed(one: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(by)
    except _BROKEN:
        return False
    return True
