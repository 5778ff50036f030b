"""The tlog-proof text: written one way, read one way."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.checkpoint import Checkpoint, sign_checkpoint
from consent_server.ledger.note import Signer
from consent_server.ledger.tlog_proof import (
    TlogProof,
    TlogProofError,
    format_tlog_proof,
    parse_tlog_proof,
)

NOTE = sign_checkpoint(
    Checkpoint("log.example/1", 9, bytes(32)), Signer.from_seed("log.example/1", bytes(32))
)
hashes = st.binary(min_size=32, max_size=32)
HASH = bytes(range(32))
TEXT = format_tlog_proof(TlogProof(3, (HASH, HASH), NOTE))


def test_tl_4_a_proof_reads_as_the_format_says() -> None:
    line = b64encode(HASH).decode()
    assert f"c2sp.org/tlog-proof@v1\nindex 3\n{line}\n{line}\n\n{NOTE}" == TEXT


@given(
    index=st.integers(0, 2**60),
    path=st.lists(hashes, max_size=63),
    extra=st.none() | st.binary(max_size=50),
)
def test_tl_4_a_proof_comes_back_as_written(
    index: int, path: list[bytes], extra: bytes | None
) -> None:
    proof = TlogProof(index, tuple(path), NOTE, extra)
    assert parse_tlog_proof(format_tlog_proof(proof)) == proof


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(TEXT.replace("@v1", "@v2"), id="another version"),
        pytest.param(TEXT.replace("index 3", "index 03"), id="leading zero"),
        pytest.param(TEXT.replace("index 3", "index \u0663"), id="other digits"),
        pytest.param(TEXT.replace("index 3\n", ""), id="no index"),
        pytest.param(TEXT.replace("8=", "9="), id="spare base64 bits"),
        pytest.param(TEXT.replace("\n", "\r\n"), id="carriage returns"),
        pytest.param(TEXT.replace("\nindex", "\nextra A\nindex"), id="broken extra"),
        pytest.param(TEXT.replace("\nindex", "\nextra AB==\nindex"), id="loose extra"),
        pytest.param(TEXT.split("\n\n")[0] + "\n", id="no checkpoint"),
    ],
)
def test_tl_4_a_text_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(TlogProofError):
        parse_tlog_proof(text)
