"""Signed notes: the public example, and every way not to be one."""

import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.note import (
    COSIGNATURE,
    KeyTextError,
    NoteError,
    Signature,
    Signer,
    VerifierKey,
    cosigned_message,
    format_note,
    open_note,
    parse_note,
    parse_vkey,
)
from tests.ledger.vectors import VECTORS, needs_vectors

LOG = Signer.from_seed("log.example/1", b"\x01" * 32)
OTHER = Signer.from_seed("other.example/1", b"\x02" * 32)
TEXT = "log.example/1\n5\nroot\n"


def signed(*signers: Signer) -> str:
    return format_note(TEXT, [signer.sign(TEXT) for signer in signers])


@needs_vectors
def test_tl_1_the_public_example_opens_under_its_key() -> None:
    example = json.loads((VECTORS / "c2sp-spec/signed-note-vector.json").read_text())
    key = parse_vkey(example["vkey"])
    assert key.key_id.hex() == "530d903a"
    note, by = open_note(example["note"], [key])
    assert (note.text, by) == ("This is an example message.\n", (key,))


@given(seed=st.binary(min_size=32, max_size=32))
def test_a_key_survives_being_written_down(seed: bytes) -> None:
    key = Signer.from_seed("log.example/é", seed).key
    assert parse_vkey(key.vkey) == key


@given(data=st.data())
def test_a_flipped_bit_in_a_key_is_noticed(data: st.DataObject) -> None:
    raw = bytearray(LOG.key.vkey.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(KeyTextError):
        parse_vkey(raw.decode("latin-1"))


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "log.example/1+00000000+AQ==", LOG.key.vkey + "\n", LOG.key.vkey.upper(), "++"],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyTextError):
        parse_vkey(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb"])
def test_a_name_that_would_break_a_signature_line_makes_no_signer(name: str) -> None:
    with pytest.raises(KeyTextError):
        Signer.from_seed(name, bytes(32))


def test_tl_1_unknown_keys_are_ignored_and_known_ones_named() -> None:
    note, by = open_note(signed(OTHER, LOG), [LOG.key])
    assert (note.text, by) == (TEXT, (LOG.key,))


def test_tl_1_a_note_without_a_known_key_is_refused() -> None:
    with pytest.raises(NoteError, match="no known key"):
        open_note(signed(OTHER), [LOG.key])


def test_tl_1_a_known_key_that_fails_spoils_the_note_even_beside_one_that_holds() -> None:
    wrong = Signature(LOG.key.name, LOG.key.key_id, bytes(64))
    text = format_note(TEXT, [OTHER.sign(TEXT), wrong])
    with pytest.raises(NoteError, match=r"log\.example/1 does not hold"):
        open_note(text, [LOG.key, OTHER.key])


def test_tl_1_sixteen_signatures_and_more_are_read() -> None:
    crowd = [
        Signer.from_seed(f"w{number}.example", bytes([number]) * 32) for number in range(40)
    ]
    assert len(open_note(signed(*crowd, LOG), [LOG.key])[0].signatures) == 41
    with pytest.raises(NoteError, match="more than"):
        parse_note(signed(*[*crowd, *crowd]))


def test_the_last_blank_line_parts_text_from_signatures() -> None:
    text = "first\n\nsecond\n"
    note = parse_note(format_note(text, [LOG.sign(text)]))
    assert note.text == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("no signature\n", id="no blank line"),
        pytest.param(signed(LOG)[:-1], id="no last newline"),
        pytest.param(signed(LOG) + "\n", id="a line too many"),
        pytest.param(signed(LOG).replace("— ", "- "), id="a hyphen for the dash"),
        pytest.param(signed(LOG).replace("\n5\n", "\n5\r\n"), id="a carriage return"),
        pytest.param(signed(LOG)[:-3] + "\n", id="half a signature"),
        pytest.param(f"{TEXT}\n— log.example/1 AAAA\n", id="a key id alone"),
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        open_note(text, [LOG.key])


def test_a_text_that_cannot_be_signed_is_not() -> None:
    for text in ("no newline", "tab\t\n"):
        with pytest.raises(NoteError):
            format_note(text, [])


@given(data=st.data())
def test_a_flipped_bit_anywhere_in_a_note_of_one_key_is_noticed(data: st.DataObject) -> None:
    raw = bytearray(signed(LOG).encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError):  # noqa: PT011
        open_note(raw.decode(), [LOG.key])


def test_tl_5_a_cosignature_holds_over_its_own_time() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
    witness = VerifierKey(
        "witness.example/w1", private.public_key().public_bytes_raw(), COSIGNATURE
    )
    stamp = 1_679_315_147
    value = stamp.to_bytes(8, "big") + private.sign(cosigned_message(TEXT, stamp))
    line = Signature(witness.name, witness.key_id, value)
    assert parse_vkey(witness.vkey) == witness
    assert open_note(format_note(TEXT, [line]), [witness])[1] == (witness,)

    later = Signature(witness.name, witness.key_id, (stamp + 1).to_bytes(8, "big") + value[8:])
    with pytest.raises(NoteError, match="does not hold"):
        open_note(format_note(TEXT, [later]), [witness])
    short = Signature(witness.name, witness.key_id, value[:-1])
    with pytest.raises(NoteError, match="does not hold"):
        open_note(format_note(TEXT, [short]), [witness])


def test_a_signature_written_with_spare_bits_is_not_its_one_form() -> None:
    exact = b64encode(b"1234567").decode()
    assert exact.endswith("Nw==")
    parse_note(f"{TEXT}\n— a.example {exact}\n")
    with pytest.raises(NoteError, match="one form"):
        parse_note(f"{TEXT}\n— a.example {exact.replace('Nw==', 'Nx==')}\n")
