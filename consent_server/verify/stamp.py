"""Time stamps (RFC 3161) over a proof's checkpoint: whole, of that text, by whom one trusts."""

import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime

import rfc3161_client as tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from consent_server.verify import bare_stamp
from consent_server.verify.cms import require_plain_frame, signature_is_whole
from consent_server.verify.cms_signature import require_signed_by
from consent_server.verify.stamp_said import Stamped
from consent_server.verify.verdict import BadAuthorityError, Place, Refused

# What a library raises at bytes that a stranger has changed.
_BROKEN = (
    Warning,
    ValueError,
    LookupError,
    TypeError,
    tsp.VerificationError,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    InvalidSignature,
    UnsupportedAlgorithm,
)


def read_authorities(pem: bytes) -> list[x509.Certificate]:
    """Read the certificates one trusts to stamp; raises BadAuthorityError."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadAuthorityError("no certificates (PEM) stand in it") from error


def check_stamp(
    token: bytes, text: bytes, at: int, trusted: Sequence[x509.Certificate]
) -> Stamped:
    """Check one stamp over a checkpoint's text, and who made it, if anybody was named who may.

    Raises Refused for one that is damaged, over another text, or not by whom one trusts.
    """
    place = Place(f"stamps[{at}]")
    try:
        response = tsp.decode_timestamp_response(_granted(token))
    except _BROKEN as error:
        raise Refused("bad_stamp", place) from error
    said = bare_stamp.check_stamp(token, text, at, trusted)
    if not trusted:
        return said
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
        (signer,) = response.signed_data.signer_infos
        who = next(one for one in certificates if one.serial_number == signer.serial_number)
        if who in trusted:
            # Itself, whoever made its certificate; the library would ask for a root.
            require_signed_by(token, who)
            _require_stamper(who, told.gen_time)
        else:
            verifier = tsp.VerifierBuilder(roots=list(trusted)).build()
            verifier.verify(response, told.message_imprint.message)
    return Stamped(told.gen_time.strftime("%Y-%m-%dT%H:%M:%SZ"), who.subject.rfc4514_string())


def _require_stamper(who: x509.Certificate, moment: datetime) -> None:
    """See that a certificate is one for stamping, and was in force at a moment."""
    use = who.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not use.critical or list(use.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise tsp.VerificationError("a certificate for something else")
    if not who.not_valid_before_utc <= moment <= who.not_valid_after_utc:
        raise tsp.VerificationError("a certificate out of its time")


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
