"""No byte of a proof file is free: each one, changed in any bit, is noticed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.bundle import Bundle, bundle_bytes
from consent_server.verify import verify_bundle
from tests.verify.make import (
    CLOSED,
    CLOSED_FILE,
    EMAIL,
    OPENED_FILE,
    VKEY,
    Log,
    make_record,
    opened,
)

ONE_ENTRY = bundle_bytes(Log(index=0, size=1).bundle())
AGAIN = json.dumps(json.loads(CLOSED_FILE)).encode()
INDENTED = json.dumps(json.loads(CLOSED_FILE), indent=2, ensure_ascii=False).encode() + b"\n"
FOREIGN = Log(record=make_record(id="dec_zzzzzzzzzzzzz"), index=2, size=9).bundle()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("file", "identifier"),
    [
        pytest.param(CLOSED_FILE, None, id="closed"),
        pytest.param(CLOSED_FILE + b"\n", None, id="closed, with its last newline"),
        pytest.param(OPENED_FILE, None, id="opened, nobody asked for"),
        pytest.param(ONE_ENTRY, None, id="the only entry of its log"),
        pytest.param(AGAIN, None, id="read and written again by another program"),
        pytest.param(INDENTED, None, id="indented for a person to read"),
    ],
)
def test_111_every_flipped_bit_is_refused_and_placed(
    file: bytes, identifier: str | None
) -> None:
    assert verify_bundle(file, keys=[VKEY], identifier=identifier).holds
    for at in range(len(file)):
        for bit in range(8):
            flipped = bytearray(file)
            flipped[at] ^= 1 << bit
            verdict = verify_bundle(bytes(flipped), keys=[VKEY], identifier=identifier)
            assert not verdict.holds, (at, bit, bytes(flipped[at - 20 : at + 20]))
            assert verdict.refusal is not None
            assert verdict.refusal.place is not None
            assert verdict.refusal.say("fr")


@given(data=st.data())
def test_111_a_flip_is_refused_too_when_the_person_is_asked_for(data: st.DataObject) -> None:
    flipped = bytearray(OPENED_FILE)
    flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= data.draw(st.integers(1, 255))
    assert not verify_bundle(bytes(flipped), keys=[VKEY], identifier=EMAIL).holds


@given(data=st.data())
def test_a_byte_left_out_or_put_in_is_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(CLOSED_FILE) - 1))
    shorter = CLOSED_FILE[:at] + CLOSED_FILE[at + 1 :]
    assert not verify_bundle(shorter, keys=[VKEY]).holds
    longer = CLOSED_FILE[:at] + bytes([data.draw(st.integers(0, 255))]) + CLOSED_FILE[at:]
    assert not verify_bundle(longer, keys=[VKEY]).holds


@given(data=st.data())
def test_a_cut_file_is_refused(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(CLOSED_FILE) - 1))
    assert not verify_bundle(CLOSED_FILE[:cut], keys=[VKEY]).holds


@pytest.mark.parametrize("name", ["record", "salt", "entry", "tlog_proof"])
def test_a_part_of_another_true_proof_does_not_fit(name: str) -> None:
    parts = {**vars(CLOSED), name: vars(FOREIGN)[name]}
    if name == "salt":
        parts["salt"] = bytes(32)
    assert not verify_bundle(bundle_bytes(Bundle(**parts)), keys=[VKEY]).holds


def test_both_true_files_hold_so_that_the_above_means_something() -> None:
    for bundle in (CLOSED, FOREIGN, opened(FOREIGN)):
        assert verify_bundle(bundle_bytes(bundle), keys=[VKEY]).holds
