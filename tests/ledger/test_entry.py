"""Entries show a commitment and a minute; records stay with us."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.entry import (
    Entry,
    commit,
    commit_bytes,
    entry_bytes,
    entry_leaf,
    minute_of,
    opening_tag,
    person_fields,
    person_tag,
)
from consent_server.ledger.merkle import leaf_hash

SALT = bytes(range(32))
keys = st.binary(min_size=32, max_size=32)


def test_an_entry_is_exactly_these_bytes() -> None:
    entry = Entry(b"\xab" * 32, minute_of(datetime(2026, 11, 22, 10, 41, 59, tzinfo=UTC)))
    assert entry_bytes(entry) == (
        b'{"commitment":"' + b"ab" * 32 + b'","minute":"2026-11-22T10:41Z","v":1}'
    )
    assert entry_leaf(entry) == leaf_hash(entry_bytes(entry))


@given(
    moment=st.datetimes(
        min_value=datetime(1970, 1, 1),  # noqa: DTZ001
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.just(timezone(timedelta(hours=2))),
    )
)
def test_the_minute_shown_is_the_one_it_was_in_universal_time(moment: datetime) -> None:
    shown = json.loads(entry_bytes(Entry(bytes(32), minute_of(moment))))["minute"]
    start = datetime.strptime(shown, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    assert start <= moment < start + timedelta(minutes=1)


def test_a_commitment_is_the_hmac_of_the_canonical_record() -> None:
    expected = hmac.new(SALT, b'{"a":"1","b":"2"}', hashlib.sha256).digest()
    assert commit({"b": "2", "a": "1"}, SALT) == expected
    assert commit_bytes(b'{"a":"1","b":"2"}', SALT) == expected


@given(one=keys, other=keys)
def test_er_2_the_same_record_under_another_salt_is_another_commitment(
    one: bytes, other: bytes
) -> None:
    record = {"person": "x"}
    assert (commit(record, one) == commit(record, other)) is (one == other)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_salt_has_one_length_so_that_no_two_stand_for_one_commitment(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commit({}, bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        person_tag(bytes(length), "email", "a@b.example")


def test_a_commitment_of_another_length_makes_no_entry() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        entry_bytes(Entry(b"short", 0))


def test_a_person_is_tagged_by_kind_and_identifier_under_a_key_of_the_record() -> None:
    tag = person_tag(SALT, "email", "a@b.example")
    assert tag == hmac.new(SALT, b"email|a@b.example", hashlib.sha256).hexdigest()
    assert tag != person_tag(SALT, "phone", "a@b.example")
    assert (
        opening_tag(SALT, "email")
        == hmac.new(SALT, b"opening|email", hashlib.sha256).hexdigest()
    )
    assert person_fields(SALT, "email", "a@b.example") == {
        "person": tag,
        "person_key": opening_tag(SALT, "email"),
    }
