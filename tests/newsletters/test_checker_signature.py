"""Signatures are verified by the public keys given; what keeps one from holding is said."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consent_server.ids import public
from consent_server.mail.records import Record
from consent_server.newsletters.check_cli import check_message_command
from consent_server.newsletters.checker.check import WORDS
from consent_server.newsletters.checker.signature import check_signatures
from tests.newsletters.test_checker import PATH, _https, ada, house, letter, url
from tests.support.ground import ground

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.house import House

__all__ = ["_https", "ada", "ground", "house"]
NOW = 1_528_637_910
# The message of RFC 8463, appendix A, signed twice: Ed25519 and RSA, relaxed/relaxed.
RFC_8463 = """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
BRISBANE = "brisbane._domainkey.football.example.com"
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
NAME = "s1._domainkey.cubalys.example"


def found(text: str, key: str = KEY, now: int = NOW) -> list[str]:
    records = [Record(BRISBANE, "TXT", key)] if key else []
    return [each.code for each in check_signatures(text.encode(), records, now)]


def test_the_message_of_rfc_8463_holds_whatever_ends_its_lines() -> None:
    assert found(RFC_8463) == found(RFC_8463.replace("\n", "\r\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("We lost", "We won", "dkim_body_changed"),
        ("Is dinner", "Was dinner", "dkim_headers_changed"),
        ("t=1528637909", "t=1528637909; x=1528637909", "dkim_expired"),
        ("a=ed25519-sha256", "a=rsa-sha1", "dkim_old_algorithm"),
        ("a=ed25519-sha256", "a=rsa-sha256", "dkim_key_unfit"),
        ("h=from : to", "h=to", "dkim_headers_changed"),
        ("from : subject : date;", "date;", "dkim_headers_changed"),
        ("c=relaxed/relaxed", "c=other", "dkim_broken"),
        ("bh=2j", "bh=?", "dkim_broken"),
    ],
)
def test_what_keeps_a_signature_from_holding_has_a_word(old: str, new: str, code: str) -> None:
    assert found(RFC_8463.replace(old, new)) == [code]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        pytest.param("", "dkim_no_key", id="not given"),
        pytest.param("v=DKIM1; k=ed25519; p=", "dkim_key_unfit", id="withdrawn"),
        pytest.param("v=DKIM1; k=ed25519; p=QUJD", "dkim_key_unfit", id="too short"),
        pytest.param("v=DKIM1; k=ed25519; p=%%%", "dkim_key_unfit", id="not base64"),
        pytest.param(KEY.replace("11qYA", "22qYA"), "dkim_headers_changed", id="another"),
    ],
)
def test_a_key_that_is_none_is_said(key: str, code: str) -> None:
    assert found(RFC_8463, key) in ([code], ["dkim_key_unfit"])


def test_no_bit_of_what_was_signed_can_be_changed() -> None:
    raw = RFC_8463.encode()
    records = [Record(BRISBANE, "TXT", KEY)]
    assert check_signatures(raw, records, NOW) == []
    # From the address of the sender to the last letter; names of headers have no capitals.
    names = {
        at
        for name in (b"From", b"To", b"Subject", b"Date", b"Message-ID")
        for at in range(raw.index(b"\n" + name) + 1, raw.index(b"\n" + name) + 1 + len(name))
    }
    for at in set(range(raw.index(b"\nFrom") + 1, len(raw))) - names:
        for bit in range(7):
            changed = bytearray(raw)
            changed[at] ^= 1 << bit
            assert check_signatures(bytes(changed), records, NOW) != [], (at, bit)


@cache
def signing_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def record() -> Record:
    public = (
        signing_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    return Record(NAME, "TXT", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")


def signed(email: str, link: str, *, over: str = "", more: str = "") -> bytes:
    """Sign a message that lacks nothing, as a mail server does (simple/simple)."""
    plain = letter(email, link, DKIM_Signature="")
    head, _, body = plain.partition(b"\r\n\r\n")
    fields = {line.partition(b":")[0]: line + b"\r\n" for line in head.split(b"\r\n")}
    names = over or "From:To:Subject:List-Unsubscribe:List-Unsubscribe-Post"
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    own = (
        f"DKIM-Signature: v=1; a=rsa-sha256; d=cubalys.example; s=s1;{more}"
        f" h={names}; bh={digest}; b="
    ).encode()
    covered = b"".join(fields[name.encode()] for name in names.split(":")) + own
    made = base64.b64encode(signing_key().sign(covered, PKCS1v15(), SHA256()))
    return own + made + b"\r\n" + plain


def codes(house: House, raw: bytes, key: str | None = None) -> list[str]:
    told = key if key is not None else f'{NAME}. 300 IN TXT "{record().text}"'
    answer = house.client.post(
        PATH,
        data=raw,
        query_string={"dkim_record": told},
        headers={**house.headers, "Content-Type": "message/rfc822"},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [each["code"] for each in answer.get_json()["findings"]]


def test_uns_9_a_message_whose_signature_holds_over_both_headers_is_fit(
    house: House, ada: str
) -> None:
    whole = signed(ada, url(house, ada))
    assert codes(house, whole) == []
    assert codes(house, whole.replace(b"Hello.", b"Hallo.", 1)) == ["dkim_body_changed"]
    changed = whole.replace(b"Subject: La lettre", b"Subject: Une lettre")
    assert codes(house, changed) == ["dkim_headers_changed"]
    assert codes(house, whole, 'other._domainkey.cubalys.example TXT "p="') == ["dkim_no_key"]


def test_uns_9_the_header_that_is_not_covered_is_named(house: House, ada: str) -> None:
    whole = signed(ada, url(house, ada), over="From:To:Subject:List-Unsubscribe")
    answer = house.client.post(
        PATH, data=whole, headers={**house.headers, "Content-Type": "message/rfc822"}
    )
    (finding,) = answer.get_json()["findings"]
    assert (finding["code"], finding["where"]) == ("dkim_leaves_out", "List-Unsubscribe-Post")


def test_a_signature_of_a_part_of_the_body_is_warned_of(house: House, ada: str) -> None:
    link = url(house, ada)
    length = len(letter(ada, link).partition(b"\r\n\r\n")[2])
    whole = signed(ada, link, more=f" l={length};")
    assert codes(house, whole + b"<p>And this, too.</p>\r\n") == ["dkim_part_of_body"]


def test_a_record_that_is_none_is_a_problem_that_names_the_field(house: House) -> None:
    answer = house.client.post(
        PATH,
        data=b"To: a\r\n\r\nb",
        query_string={"dkim_record": "no record"},
        headers={**house.headers, "Content-Type": "message/rfc822"},
    )
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/dkim_record"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_command_reads_records_as_dig_prints_them(
    house: House, ada: str, tmp_path: Path, language: str
) -> None:
    message, records = tmp_path / "letter.eml", tmp_path / "records.txt"
    message.write_bytes(signed(ada, url(house, ada)))
    records.write_text(f'{NAME}.\t300\tIN\tTXT\t"{record().text}"\n')
    organisation = public("org", house.organisation)
    arguments = [
        str(message),
        "--records",
        str(records),
        "-o",
        organisation,
        "--lang",
        language,
    ]
    done = CliRunner().invoke(check_message_command, arguments)
    assert done.exit_code == 0, done.output
    message.write_bytes(message.read_bytes().replace(b"Hello.", b"Hallo.", 1))
    done = CliRunner().invoke(check_message_command, arguments)
    assert done.exit_code == 1
    assert WORDS[language]["mend_dkim_body_changed"] in done.output
    told = CliRunner().invoke(check_message_command, [*arguments, "--json"])
    assert json.loads(told.output)["findings"][0]["where"] == NAME
