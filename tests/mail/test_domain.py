"""Records that fit, and those that do not: each finding says how to mend it."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from consent_server.mail.domain import Asked, Finding, Level, check_domain
from consent_server.mail.records import UnreadableRecords, read_records

ASKED = Asked(domain="cubalys.example", return_path="cubalys.example")


def key(bits: int) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


GOOD_KEY = key(2048)
GOOD = f"""
; what dig prints
cubalys.example. 3600 IN TXT "v=spf1 ip4:192.0.2.0/24 include:_spf.mail.example -all"
cubalys.example. 3600 IN TXT "another-service-verification=1"
_spf.mail.example. TXT "v=spf1 ip6:2001:db8::/32 -all"
s1._domainkey.cubalys.example. TXT "v=DKIM1; k=rsa; p={GOOD_KEY[:200]}" "{GOOD_KEY[200:]}"
_dmarc.cubalys.example. TXT "v=DMARC1; p=reject; rua=mailto:reports@cubalys.example"
"""


def check(text: str, asked: Asked = ASKED) -> list[Finding]:
    return check_domain(read_records(text), asked)


def worst(text: str, asked: Asked = ASKED) -> dict[str, str]:
    return {
        each.record.split()[0]: each.what
        for each in check(text, asked)
        if each.level is Level.WRONG
    }


def test_records_that_fit_are_fine_every_one() -> None:
    asked = Asked(
        domain="cubalys.example",
        return_path="cubalys.example",
        addresses=("192.0.2.7", "2001:db8::25"),
    )
    assert {each.level for each in check(GOOD, asked)} == {Level.FINE}


def test_whatever_is_not_fine_says_how_to_mend_it() -> None:
    for each in check("x.example TXT nothing"):
        assert each.level is Level.FINE or each.mend, each


@pytest.mark.parametrize(
    ("old", "new", "record", "what"),
    [
        pytest.param("v=spf1 ip4", "v=spf2 ip4", "SPF", "publishes none", id="no SPF"),
        pytest.param("include:_spf.mail.example -all", "+all", "SPF", "everybody", id="+all"),
        pytest.param(
            "another-service-verification=1", "v=spf1 -all", "SPF", "several", id="two SPF"
        ),
        pytest.param(
            "include:_spf.mail.example",
            " ".join(f"include:_spf{n}.mail.example" for n in range(11)),
            "SPF",
            "receivers stop at 10",
            id="too many lookups",
        ),
        pytest.param("s1._domainkey", "s1._elsewhere", "DKIM", "no key", id="no DKIM"),
        pytest.param(f"p={GOOD_KEY[:200]}", "p=", "DKIM", "cannot be read", id="cut key"),
        pytest.param(
            f'p={GOOD_KEY[:200]}" "{GOOD_KEY[200:]}', "p=", "DKIM", "withdrawn", id="withdrawn"
        ),
        pytest.param("k=rsa;", "k=rsa; h=sha1;", "DKIM", "SHA-1", id="sha1"),
        pytest.param("_dmarc.", "_dmarcs.", "DMARC", "there is none", id="no DMARC"),
        pytest.param("p=reject", "p=perhaps", "DMARC", "nothing receivers know", id="bad p"),
    ],
)
def test_what_is_wrong_is_found(old: str, new: str, record: str, what: str) -> None:
    assert old in GOOD
    assert what in worst(GOOD.replace(old, new))[record]


def test_an_address_that_may_not_send_is_found_unless_records_are_missing() -> None:
    asked = Asked(
        domain="cubalys.example", return_path="cubalys.example", addresses=("198.51.100.1",)
    )
    assert worst(GOOD, asked) == {"SPF": "198.51.100.1 may not send"}
    without = GOOD.replace("_spf.mail.example. TXT", "elsewhere.example. TXT")
    assert worst(without, asked) == {}
    (open_question,) = [each for each in check(without, asked) if "hangs on" in each.what]
    assert "_spf.mail.example" in open_question.what


def test_weak_keys_and_soft_policies_could_be_better() -> None:
    weak = GOOD.replace(f'{GOOD_KEY[:200]}" "{GOOD_KEY[200:]}', key(1024))
    soft = weak.replace("p=reject", "p=none").replace("-all", "~all")
    told = {e.what for e in check(soft) if e.level is Level.COULD_BE_BETTER}
    assert {
        "a key of 1024 bits is weak today",
        "p=none: others may still write in your name",
    } == told


def test_a_sub_domain_is_held_by_the_policy_above_it_and_a_strange_path_is_told() -> None:
    asked = Asked(domain="lettre.cubalys.example", return_path="bounces.mail.example")
    found = [each for each in check(GOOD, asked) if each.record.startswith("DMARC")]
    assert {each.record for each in found} == {"DMARC _dmarc.cubalys.example"}
    assert any("bounces.mail.example" in each.what for each in found)


def test_a_key_that_is_delegated_is_followed_if_its_record_is_given() -> None:
    away = GOOD.replace("s1._domainkey.cubalys.example. TXT", "s1.mail.example. TXT")
    away += "s1._domainkey.cubalys.example. CNAME s1.mail.example.\n"
    assert worst(away) == {}
    assert any("2048 bits" in each.what for each in check(away))


def test_a_line_that_is_no_record_is_named() -> None:
    with pytest.raises(UnreadableRecords, match="line 2"):
        read_records("# comment\nnonsense\n")


@given(st.text(max_size=300))
def test_nothing_somebody_pastes_breaks_it(text: str) -> None:
    try:
        records = read_records(f"{text}\n")
    except UnreadableRecords:
        return
    check_domain(records, ASKED)


@given(st.text(max_size=200))
def test_no_value_of_a_record_breaks_it(value: str) -> None:
    line = " ".join(value.split())
    for name in ("cubalys.example", "s._domainkey.cubalys.example", "_dmarc.cubalys.example"):
        for kind in ("v=spf1 ", "v=DKIM1; p=", "v=DMARC1; p="):
            records = read_records(f"{name} TXT {kind}{line}x\n")
            check_domain(records, ASKED)
