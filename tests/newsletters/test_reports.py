"""Bounces and complaints: whom they stop, whom they do not, and what strangers may send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.fsck import check_all
from consent_server.newsletters.reports import MOST_BYTES, UnreadableReport, read_report
from tests.newsletters.world import ADA, count, dump, link
from tests.rights.world import erase

if TYPE_CHECKING:
    from tests.support.house import House

PATH = "/v1/suppressions/reports"
DSN = """\
From: MAILER-DAEMON@mx.example
To: bounces@cubalys.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset=us-ascii

I could not deliver your message.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 23 Nov 2026 11:58:00 +0000

{recipients}
--cut
Content-Type: text/rfc822-headers

From: news@cubalys.example
To: {to}
Subject: Squared
{unsubscribe}
--cut--
"""
ARF = """\
From: <abuse@mail.example>
To: <fbl@cubalys.example>
Subject: FW: Squared
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain; charset="US-ASCII"

This is an abuse report.

--cut
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
{fields}
--cut
Content-Type: message/rfc822

From: <news@cubalys.example>
To: {to}
Subject: Squared
{unsubscribe}
Hello.
--cut--
"""


def recipient(
    address: str = ADA["email"],
    status: str = "5.1.1",
    action: str = "failed",
    original: str = "",
) -> str:
    first = f"Original-Recipient: rfc822;{original}\n" if original else ""
    return (
        f"{first}Final-Recipient: rfc822; {address}\n"
        f"Action: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no such user\n"
    )


def dsn(*recipients: str) -> bytes:
    text = DSN.format(recipients="\n".join(recipients), to=ADA["email"], unsubscribe="")
    return text.replace("\n", "\r\n").encode()


def arf(
    kind: str = "abuse", fields: str = "", to: str = ADA["email"], header: str = ""
) -> bytes:
    unsubscribe = f"List-Unsubscribe: {header}\n" if header else ""
    text = ARF.format(kind=kind, fields=fields, to=to, unsubscribe=unsubscribe)
    return text.replace("\n", "\r\n").encode()


def send(house: House, raw: bytes, media: str = "message/rfc822") -> Any:
    answer = house.client.post(PATH, data=raw, content_type=media, headers=house.headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "people.example" not in answer.get_data(as_text=True)
    return answer.get_json()


def test_a_mailbox_that_does_not_exist_is_not_written_to_and_said_again_adds_nothing(
    house: House,
) -> None:
    both = {"newsletter": "granted", "prospecting.phone": "granted"}
    phone = {"phone": "+33612345678"}
    house.tell({**ADA, **phone}, choices=both)
    assert send(house, dsn(recipient())) == {
        "kind": "bounced", "added": 1, "standing": 0, "passed_over": 0,
    }  # fmt: skip
    assert house.why(ADA) == "suppressed"
    assert house.why(phone, "prospecting.phone") in {"consent", "not_now"}
    again = send(house, dsn(recipient()))
    assert (again["added"], again["standing"]) == (0, 1)
    assert count(house, "suppression") == 1
    house.integrate()
    assert list(check_all()) == []


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("4.2.2", "delayed"), ("4.4.7", "failed"), ("4.1.1", "failed"), ("5.1.1", "delayed"),
        ("5.1.1", "relayed"), ("2.1.5", "delivered"), ("5.2.2", "failed"), ("5.3.4", "failed"),
        ("5.7.1", "failed"), ("5.7.26", "failed"), ("5.6.0", "failed"), ("5", "failed"),
        ("nonsense", "failed"), ("", "failed"),
    ],
)  # fmt: skip
def test_what_may_pass_or_is_said_of_the_message_stops_nobody(
    house: House, status: str, action: str
) -> None:
    house.tell(ADA)
    assert send(house, dsn(recipient(status=status, action=action)))["added"] == 0
    assert house.why(ADA) == "consent"


def test_of_several_recipients_only_the_dead_ones_are_stopped(house: House) -> None:
    bea = {"email": "bea@people.example"}
    house.tell(ADA)
    house.tell(bea)
    told = send(house, dsn(recipient(), recipient(bea["email"], "4.4.1", "delayed")))
    assert (told["added"], told["passed_over"]) == (1, 1)
    assert house.why(ADA) == "suppressed"
    assert house.why(bea) == "consent"


def test_a_forwarded_message_stops_the_address_that_was_written_to(house: House) -> None:
    house.tell(ADA)
    elsewhere = recipient("hidden@forward.example", original=ADA["email"])
    assert send(house, dsn(elsewhere))["added"] == 1
    assert house.why(ADA) == "suppressed"
    assert house.why({"email": "hidden@forward.example"}) == "never_asked"


@pytest.mark.parametrize("kind", ["abuse", "fraud", "opt-out", "other", "Abuse"])
def test_who_complains_gets_no_marketing_on_any_channel(house: House, kind: str) -> None:
    both = {"newsletter": "granted", "prospecting.phone": "granted"}
    phone = {"phone": "+33612345678"}
    house.tell({**ADA, **phone}, choices=both)
    told = send(house, arf(kind, f"Original-Rcpt-To: <{ADA['email']}>\n"))
    assert (told["kind"], told["added"]) == ("complained", 1)
    assert house.why(ADA) == "suppressed"
    assert house.why(phone, "prospecting.phone") == "suppressed"


def test_a_complaint_without_an_address_is_known_by_our_link_in_the_message(
    house: House,
) -> None:
    house.tell(ADA)
    url = f"https://consent.example{link(house)}"
    raw = arf(to="redacted@redacted.invalid", header=f"<mailto:x@y.example>, <{url}>")
    assert send(house, raw)["added"] == 1
    assert house.why(ADA) == "suppressed"
    erase(house, ADA)
    assert send(house, raw)["added"] == 0


def test_a_complaint_that_is_none_stops_nobody(house: House) -> None:
    house.tell(ADA)
    told = send(house, arf("not-spam", f"Original-Rcpt-To: <{ADA['email']}>\n"))
    assert (told["kind"], told["added"]) == ("other", 0)
    assert house.why(ADA) == "consent"


def test_a_complaint_that_names_nobody_else_is_of_whom_the_message_was_written_to(
    house: House,
) -> None:
    house.tell(ADA)
    assert send(house, arf())["added"] == 1
    assert house.why(ADA) == "suppressed"


def test_the_report_may_come_without_the_message_around_it(house: House) -> None:
    house.tell(ADA)
    head, _, body = dsn(recipient()).partition(b"\r\n\r\n")
    media = 'multipart/report; report-type=delivery-status; boundary="cut"'
    assert b"multipart/report" in head
    assert send(house, body, media)["added"] == 1
    assert house.why(ADA) == "suppressed"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 422),
        (b"\x00\xff\xfe nothing at all", 422),
        (b"Subject: hello\r\n\r\nAn ordinary mail.", 200),
        (b"a" * (MOST_BYTES + 1), 413),
        (b"Content-Type: multipart/report; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 5000, 422),
        (b"Content-Type: message/rfc822\r\n\r\n" * 3000, 422),
        (b"Content-Type: multipart/report\r\n\r\nno boundary", 200),
    ],
)
def test_whatever_is_sent_is_refused_or_passed_over_and_writes_nothing(
    house: House, raw: bytes, status: int
) -> None:
    house.tell(ADA)
    before = dump(house)
    answer = house.client.post(
        PATH, data=raw, content_type="message/rfc822", headers=house.headers
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert dump(house) == before


def test_another_form_of_body_is_refused_by_name(house: House) -> None:
    answer = house.client.post(PATH, json={}, headers=house.headers)
    assert answer.status_code == 415
    assert answer.headers["Accept-Post"] == "message/rfc822, multipart/report"


@given(
    st.lists(
        st.sampled_from(
            [b"--cut\r\n", b"--cut--\r\n", b"\r\n", b"\x00", b"\xff\xfe", b"\r", b"=?utf-8?q?",
             b"Content-Type: message/delivery-status\r\n", b"Status: 5.1.1\r\n",
             b"Content-Type: message/feedback-report\r\n", b"Feedback-Type: abuse\r\n",
             b"Content-Type: multipart/report; boundary=cut\r\n", b"Action: failed\r\n",
             b"Final-Recipient: rfc822; a@b.example\r\n", b"Final-Recipient: ;;\r\n",
             b"Content-Type: text/rfc822-headers; charset=nope\r\n", b"To: <>\r\n",
             b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: \xe9\r\n",
             b"List-Unsubscribe: <https://x/u/" + b"a" * 30 + b">\r\n"]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_message_of_whatever_parts_breaks_the_reading(parts: list[bytes]) -> None:
    try:
        found = read_report(b"".join(parts))
    except UnreadableReport:
        return
    assert found.kind in {"bounced", "complained", "other"}
