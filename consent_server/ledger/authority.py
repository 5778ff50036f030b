"""A time-stamping authority (RFC 3161): asked over a checkpoint, believed only if it fits.

What is stamped is the text of the checkpoint that the log signs (origin, size, root), by its
SHA-256; never a single fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import rfc3161_client as tsp
from cryptography import x509

from ..outgoing import CallFailed, RefusedAddress
from .der import certificates_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..outgoing.calls import Calls

_ASKS: Final = "application/timestamp-query"
_ANSWERS: Final = "application/timestamp-reply"
# An authority whose clock differs from ours by more than this is not believed (TS-1).
FARTHEST: Final = timedelta(minutes=5)
_SHA256: Final = "2.16.840.1.101.3.4.2.1"


class NoStamp(Exception):
    """The authority gave none that fits; `reason` is a few words for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class StampedAt:
    """A time-stamp token, as RFC 3161 writes it, and the time that it tells."""

    token: bytes
    told_at: datetime


def ask_authority(
    calls: Calls, url: str, text: bytes, *, roots: Sequence[x509.Certificate], now: datetime
) -> StampedAt:
    """Ask an authority for a stamp over a text; raises `NoStamp`."""
    request = (
        tsp.TimestampRequestBuilder().data(text).hash_algorithm(tsp.HashAlgorithm.SHA256)
    ).build()
    try:
        answer = calls.post(url, {"Content-Type": _ASKS}, request.as_bytes())
    except (CallFailed, RefusedAddress) as error:
        reason = error.reason if isinstance(error, CallFailed) else "refused_address"
        raise NoStamp(reason) from error
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != HTTPStatus.OK or media != _ANSWERS:
        raise NoStamp(f"status_{answer.status}" if answer.status != HTTPStatus.OK else "media")
    return _believed(answer.body, text, request.nonce, roots=roots, now=now)


def _believed(
    raw: bytes,
    text: bytes,
    nonce: int | None,
    *,
    roots: Sequence[x509.Certificate],
    now: datetime,
) -> StampedAt:
    try:
        response = tsp.decode_timestamp_response(certificates_in_order(raw))
        if tsp.PKIStatus(response.status) not in {
            tsp.PKIStatus.GRANTED,
            tsp.PKIStatus.GRANTED_WITH_MODS,
        }:
            raise NoStamp("not_granted")
        told_at = response.tst_info.gen_time
        verify_response(response, text, roots=roots, nonce=nonce)
    except (ValueError, tsp.VerificationError) as error:
        raise NoStamp("does_not_verify") from error
    if abs(told_at - now) > FARTHEST:
        raise NoStamp("another_time")
    return StampedAt(response.time_stamp_token(), told_at)


def verify_token(token: bytes, text: bytes) -> None:
    """See that a stamp that was kept is whole, and over this text; raises NoStamp."""
    # The answer it came in, the only form that the library reads; its length is DER.
    body = b"\x30\x03\x02\x01\x00" + token
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    raw = b"\x30" + bytes([0x80 | len(size)]) + size + body
    try:
        response = tsp.decode_timestamp_response(certificates_in_order(raw))
        verify_response(response, text, roots=())
    except (ValueError, tsp.VerificationError) as error:
        raise NoStamp("does_not_verify") from error


def verify_response(
    response: Any, text: bytes, *, roots: Sequence[x509.Certificate], nonce: int | None = None
) -> None:
    """Verify a stamp over a text; raises `tsp.VerificationError` or ValueError.

    Without roots the certificates it brings along serve: then it is whole, and signed by
    somebody who may stamp times, but nothing says who that is.
    """
    if response.tst_info.message_imprint.hash_algorithm.dotted_string != _SHA256:
        raise tsp.VerificationError("not over SHA-256")
    trusted = roots or [
        x509.load_der_x509_certificate(each) for each in response.signed_data.certificates
    ]
    verifier = tsp.VerifierBuilder(roots=list(trusted), nonce=nonce).build()
    verifier.verify(response, sha256(text).digest())
