"""Identifiers: read, matched and refused as standards.md §8 says."""

from __future__ import annotations

import contextlib
import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.subjects import Identified, NotAnIdentifier, identify
from consent_server.subjects.identifiers import _any_email

# Letters that folding and normalising make one of, or two.
LOOKALIKES = "aéeñüßẞİıſﬁ01.-_+'"  # noqa: RUF001 - that is what they are for
# Hosts of one mailbox in several spellings.
HOSTS = (
    ("people.example", "PEOPLE.example"),
    ("münchen.de", "MÜNCHEN.de", "xn--mnchen-3ya.de"),
    ("gmail.com", "Gmail.COM"),
)
# What the libraries made of our own cases; a version that reads one otherwise is noticed.
RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "identifiers.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", RECORDED["emails"], ids=lambda case: case["in"])
def test_id_1_and_2_addresses_are_read_as_recorded(case: dict[str, Any]) -> None:
    # Spaces around an address are trimmed before it is read (ID-1).
    if case["ok"] and case["in"] == case["in"].strip():
        try:
            found = identify("email", case["in"], region="FR")
        except NotAnIdentifier:
            # The strict reading refuses local parts over 64 octets (ID-4).
            assert len(case["in"].partition("@")[0].encode()) > 64
            return
        assert found.display == case["normalized"]
        assert found.match.endswith("@" + case["ascii_domain"])
    elif case["in"] == case["in"].strip():
        with pytest.raises(NotAnIdentifier):
            identify("email", case["in"], region="FR")


def test_id_2_one_mailbox_in_two_spellings_is_one_match() -> None:
    spellings = ["JOHN.Doe@EXAMPLE.org", "john.doe@example.org", " john.doe@Example.org "]
    assert {identify("email", text, region="").match for text in spellings} == {
        "john.doe@example.org"
    }
    assert (
        identify("email", "u@münchen.de", region="").match
        == identify("email", "u@xn--mnchen-3ya.de", region="").match
    )


@given(
    st.from_regex(
        r"[A-Za-z0-9._+-]{1,9}@[a-zA-Z0-9-]{1,6}(\.[a-z0-9-]{1,6}){0,2}", fullmatch=True
    )
    | st.sampled_from(["a@b.test", "a@x.local", "a@b.onion", "a@b.arpa", "a@b.invalid"])
    | st.tuples(st.text("ab.", min_size=60, max_size=66), st.just("@b.fr")).map("".join)
)
def test_id_1_a_common_address_is_read_as_the_library_reads_it(text: str) -> None:
    try:
        slowly = _any_email(text)
    except NotAnIdentifier:
        with pytest.raises(NotAnIdentifier):
            identify("email", text, region="")
        return
    found = identify("email", text, region="")
    assert (found.match, found.display) == slowly


def test_id_3_tags_and_dots_are_other_people() -> None:
    texts = ["ann@gmail.com", "a.nn@gmail.com", "ann+x@gmail.com"]
    assert len({identify("email", text, region="").match for text in texts}) == 3


def test_id_6_and_8_phones_are_kept_as_e164() -> None:
    for text in ("06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678"):
        assert identify("phone", text, region="FR").match == "+33612345678"
    for text in ("3646", "12", "0899 12 34 56", "abc", "ada@people.example"):
        with pytest.raises(NotAnIdentifier):
            identify("phone", text, region="FR")


def test_id_7_overseas_numbers_written_the_metropolitan_way_are_understood() -> None:
    assert identify("phone", "0692 12 34 56", region="FR").match == "+262692123456"
    assert identify("phone", "0590 27 12 34", region="FR").match.startswith("+590")


def test_id_11_other_tools_hashes_cover_google_s_and_meta_s_forms() -> None:
    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    gmail = identify("email", "A.nn@gmail.com", region="")
    assert set(gmail.crossed) == {sha("a.nn@gmail.com"), sha("ann@gmail.com")}
    abroad = identify("email", "U.n@München.de", region="")
    assert set(abroad.crossed) == {sha("u.n@münchen.de"), sha("u.n@xn--mnchen-3ya.de")}
    phone = identify("phone", "+33612345678", region="")
    assert set(phone.crossed) == {sha("+33612345678"), sha("33612345678")}
    assert identify("external_id", "7", region="").crossed == ()


@given(st.emails())
def test_security_51_reading_what_was_read_changes_nothing(text: str) -> None:
    try:
        once = identify("email", text, region="")
    except NotAnIdentifier:
        return
    again = identify("email", once.match, region="")
    assert isinstance(again, Identified)
    assert again.match == once.match


@given(st.text(LOOKALIKES, min_size=1, max_size=12), st.sampled_from(HOSTS))
def test_security_51_spellings_of_one_mailbox_never_part_and_mailboxes_never_meet(
    local: str, hosts: tuple[str, ...]
) -> None:
    try:
        read = identify("email", f"{local}@{hosts[0]}", region="")
    except NotAnIdentifier:
        return
    for form in ("NFC", "NFD"):
        for host in hosts:
            spelt = f" {unicodedata.normalize(form, local)}@{host} "
            with contextlib.suppress(NotAnIdentifier):
                assert identify("email", spelt.strip(), region="").match == read.match
    # A tag, a dot and another host are somebody else's, whatever one provider makes of them.
    for other in (f"{local}+x@{hosts[0]}", f"x.{local}@{hosts[0]}", f"{local}@else.example"):
        with contextlib.suppress(NotAnIdentifier):
            assert identify("email", other, region="").match != read.match


@given(st.text(max_size=60))
def test_security_51_any_text_is_read_or_refused_in_words(text: str) -> None:
    for kind in ("email", "phone", "external_id", "visitor"):
        with contextlib.suppress(NotAnIdentifier):
            assert identify(kind, text, region="FR").match
