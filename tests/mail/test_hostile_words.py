"""Whatever is typed is text: no header of somebody else's, no markup, no second recipient."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.mail.catalogue import PARTS, TEMPLATES, WORDS
from consent_server.mail.compose import UnfitAddress, compose, message_id, number_of
from consent_server.mail.render import UnfitWords, check_words, render, words_of
from consent_server.mail.rules import mailbox_of
from consent_server.mail.sender import Sender
from tests.support.mailserver import body_of

if TYPE_CHECKING:
    from email.message import EmailMessage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip
NASTY = [
    "\r\nBcc: eve@evil.example",
    "\nBcc: eve@evil.example\n\nbody",
    "%0d%0aBcc: eve@evil.example",
    "\u2028Bcc: eve@evil.example",
    "\x85Bcc: eve@evil.example",
    "=?utf-8?q?x=0d=0aBcc:_eve@evil.example?=",
    "<script>alert(1)</script>",
    "{link}{0.__class__}",
    "\u202egnp.exe",
    "\x00",
]


def write(value: str, name: str = "Cubalys") -> EmailMessage:
    template = TEMPLATES["confirm"]
    sender = Sender(
        name=name,
        address="lettre@cubalys.example",
        reply_to=None,
        language="fr",
        organisation=name,
        legal_name=name,
        postal_address="",
    )
    language, words = words_of(template, "en", "en", {})
    values = {
        "organisation": name,
        "legal_name": name,
        "place": value,
        "purposes": [value, value],
        "link": "https://consent.example/confirm/abc",
        "until": value,
    }
    rendered = render(words, values, language=language, foot=sender.foot("en"))
    raw = compose(
        rendered,
        sender,
        to="ana@example.com",
        name=message_id(7, "consent.example"),
        unsubscribe=None,
        now=NOW,
    )
    return message_from_bytes(raw, policy=policy.default)


def check(message: EmailMessage) -> None:
    assert sorted(message.keys()) == sorted(HEADERS)
    assert message["To"] == "ana@example.com"
    assert [each.addr_spec for each in message["From"].addresses] == ["lettre@cubalys.example"]
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("value", NASTY)
def test_47_no_header_and_no_markup_comes_from_a_value_or_a_name(value: str) -> None:
    message = write(value, name=f"Cubalys {value}")
    check(message)
    assert "<script>" not in body_of(message, "html")
    assert "\u202e" not in body_of(message, "html")


@given(st.text(max_size=60), st.text(max_size=60))
def test_47_whatever_is_typed_stays_where_it_was_put(value: str, name: str) -> None:
    check(write(value, name))


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nRCPT TO:<c@d.example>",
        "a@b.example, c@d.example",
        '"a@b.example"@d.example',
        "<a@b.example>",
        "nobody",
        "@b.example",
    ],
)
def test_47_an_address_that_is_two_is_none(address: str) -> None:
    sender = Sender(
        name="x",
        address="x@cubalys.example",
        reply_to=None,
        language="en",
        organisation="x",
        legal_name="x",
        postal_address="",
    )
    language, words = words_of(TEMPLATES["test"], "en", "en", {})
    rendered = render(
        words, {"organisation": "x", "legal_name": "x"}, language=language, foot=[]
    )
    with pytest.raises(UnfitAddress):
        compose(rendered, sender, to=address, name="<x@y>", unsubscribe=None, now=NOW)


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_our_own_words_name_only_what_they_are_given(name: str, language: str) -> None:
    template = TEMPLATES[name]
    _, words = words_of(template, language, language, {})
    for part in PARTS:
        if words[part]:
            check_words(template, part, words[part])


@pytest.mark.parametrize(
    ("part", "text", "what"),
    [
        ("text", "Hello {address}, {link}", "not known"),
        ("text", "Hello", "missing"),
        ("text", "Hello {link} {0}", "braces"),
        ("subject", "Hello\nBcc: x", "one line"),
    ],
)
def test_words_of_an_organisation_that_cannot_be_a_message_are_refused(
    part: str, text: str, what: str
) -> None:
    with pytest.raises(UnfitWords, match=what):
        check_words(TEMPLATES["confirm"], part, text)


def test_an_organisation_s_own_words_come_before_ours_language_by_language() -> None:
    own = {"fr": {"subject": "Encore un clic"}}
    assert words_of(TEMPLATES["confirm"], "fr", "en", own)[1]["subject"] == "Encore un clic"
    assert words_of(TEMPLATES["confirm"], "de", "en", own)[0] == "en"


def test_a_message_id_leads_back_to_its_message_and_no_other_does() -> None:
    assert number_of(message_id(123, "consent.example")) == 123
    assert number_of("<x@y>") is None


def test_46_tags_dots_and_capitals_are_one_mailbox() -> None:
    one = {mailbox_of(each) for each in ("a.b@x.example", "AB+news@x.example", "ab@X.example")}
    assert one == {("ab@x.example", "x.example")}
