"""What a stamp says of itself is read by hand as the libraries read it."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from consent_server.verify.stamp_said import name_of

KINDS = [
    NameOID.COMMON_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.LOCALITY_NAME,
    NameOID.STATE_OR_PROVINCE_NAME,
    NameOID.STREET_ADDRESS,
    NameOID.USER_ID,
    NameOID.SERIAL_NUMBER,
    x509.ObjectIdentifier("2.999.16384.1"),
]
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)

PARTS = st.builds(x509.NameAttribute, st.sampled_from(KINDS), TEXTS)


@given(st.lists(PARTS, min_size=1, max_size=4))
def test_a_name_is_written_as_the_library_writes_it(
    parts: list[x509.NameAttribute[str]],
) -> None:
    name = x509.Name(parts)
    assert name_of(name.public_bytes()) == name.rfc4514_string()
