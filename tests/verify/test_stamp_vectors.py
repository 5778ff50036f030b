"""Public time stamps (RFC 3161) of others' authorities, good and bad, as their names say."""

from __future__ import annotations

import re

import pytest
import rfc3161_client as tsp

from consent_server.verify.stamp import check_stamp, read_authorities
from consent_server.verify.verdict import Refused
from tests.ledger.vectors import VECTORS, needs_vectors

FOLDER = VECTORS / "rfc3161" / "test" / "fixtures"
HELLO = b"hello"
ONE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def said(name: str, text: bytes) -> str:
    """Give what the verifier says of a stamp under the roots that lie beside it."""
    file = FOLDER / name
    token = tsp.decode_timestamp_response(file.read_bytes()).time_stamp_token()
    roots = [
        root
        for pem in ONE.findall((file.parent / "ts_chain.pem").read_bytes())
        for root in read_authorities(pem)
    ]
    try:
        stamped = check_stamp(token, text, 0, roots)
    except Refused as refused:
        return refused.code
    assert stamped is not None
    return stamped.time


@needs_vectors
def test_ts_3_a_stamp_of_another_authority_is_read() -> None:
    assert said("sigstage/response-sha256.tsr", HELLO) == "2025-05-09T11:58:55Z"
    assert said("sigstage/response-sha256.tsr", HELLO + b"\n") == "stamp_of_another"


@needs_vectors
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sigstage/response-invalid-signature.tsr", "stamp_not_trusted"),
        ("sigstage/response-no-embedded-cert.tsr", "stamp_not_trusted"),
        # A log of ours is stamped by SHA-256 and by nothing else.
        ("sigstage/response-sha384.tsr", "stamp_of_another"),
        ("sigstage/response-sha512.tsr", "stamp_of_another"),
        ("test_tsa/response-injected-certs.tsr", "stamp_of_another"),
    ],
)
def test_ts_3_a_stamp_that_is_no_good_is_refused(name: str, code: str) -> None:
    assert said(name, HELLO) == code


@needs_vectors
def test_ts_3_a_stamp_by_a_certificate_out_of_its_time_is_refused() -> None:
    text = (FOLDER / "sigstore.mock" / "payload").read_bytes()
    assert said("sigstore.mock/response-expired.tsr", text) == "stamp_not_trusted"
