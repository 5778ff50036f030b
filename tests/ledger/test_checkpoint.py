"""Checkpoints: three lines, one form, signed by the log they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.checkpoint import (
    Checkpoint,
    CheckpointError,
    checkpoint_body,
    open_checkpoint,
    parse_checkpoint_body,
    sign_checkpoint,
)
from consent_server.ledger.note import Signer, format_note

LOG = Signer.from_seed("log.example/1", b"\x01" * 32)
OTHER = Signer.from_seed("other.example/1", b"\x02" * 32)
HEAD = Checkpoint("log.example/1", 5, bytes(range(32)))
BODY = checkpoint_body(HEAD)


def test_tl_2_the_body_is_origin_size_and_root_and_nothing_else() -> None:
    assert BODY == "log.example/1\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


@given(size=st.integers(0, 2**60), root=st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back_as_signed(size: int, root: bytes) -> None:
    head = Checkpoint("log.example/1", size, root)
    assert open_checkpoint(sign_checkpoint(head, LOG), [LOG.key]) == head


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(BODY + "extension\n", id="extension line"),
        pytest.param(BODY.replace("\n5\n", "\n05\n"), id="leading zero"),
        pytest.param(BODY.replace("\n5\n", "\n-5\n"), id="negative"),
        pytest.param(BODY.replace("8=", "9="), id="spare base64 bits"),
        pytest.param(BODY.replace("AAEC", ""), id="short root"),
        pytest.param(BODY[14:], id="no origin"),
        pytest.param(BODY[:-1], id="no last newline"),
    ],
)
def test_tl_2_a_body_in_any_other_form_is_refused(body: str) -> None:
    with pytest.raises(CheckpointError):
        parse_checkpoint_body(body)


def test_a_key_signs_only_for_the_log_it_is_named_after() -> None:
    with pytest.raises(CheckpointError, match="origin"):
        sign_checkpoint(HEAD, OTHER)
    borrowed = format_note(BODY, [OTHER.sign(BODY)])
    with pytest.raises(CheckpointError, match=r"no key of log\.example/1"):
        open_checkpoint(borrowed, [OTHER.key])


def test_a_checkpoint_no_known_key_signed_is_refused() -> None:
    with pytest.raises(CheckpointError, match="no known key"):
        open_checkpoint(sign_checkpoint(HEAD, LOG), [OTHER.key])


def test_two_keys_of_one_log_may_sign_so_that_a_key_can_be_rotated() -> None:
    new = Signer.from_seed("log.example/1", b"\x09" * 32)
    text = sign_checkpoint(HEAD, LOG, new)
    assert open_checkpoint(text, [LOG.key]) == open_checkpoint(text, [new.key]) == HEAD
