"""Is this message fit to send? Each thing it may lack, by its word and with its mending."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ids import public
from consent_server.newsletters.check_cli import check_message_command
from consent_server.newsletters.checker.check import WORDS
from consent_server.newsletters.checker.letter import (
    MOST_BYTES,
    UnreadableLetter,
    read_letter,
)
from consent_server.newsletters.checker.rules import Known, judge
from tests.support.ground import ground

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
PATH = "/v1/tools/check-message"
_numbers = count(1)
BASE = "https://consent.example"


@pytest.fixture(scope="module")
def house(ground: Ground) -> House:
    """Give one organisation for all tests here: each brings people of its own."""
    return ground.ours


@pytest.fixture
def ada(house: House) -> str:
    """Give the address of somebody new who has said yes to the newsletter."""
    email = f"ada{next(_numbers)}@people.example"
    assert house.tell({"email": email}).status_code == 201
    return email


def url(house: House, email: str) -> str:
    asked = {"subject": {"email": email}, "purpose": "newsletter"}
    return str(house.post("/v1/unsubscribe-links", asked).get_json()["url"])


def letter(email: str, link: str, **but: str) -> bytes:
    """Write a message that lacks nothing; say only what is different, "" for left out."""
    headers = {
        "From": "Cubalys <lettre@cubalys.example>",
        "To": email,
        "Subject": "La lettre",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "DKIM-Signature": "v=1; a=rsa-sha256; d=cubalys.example; s=x;\r\n"
        " h=From:To:Subject:List-Unsubscribe:\r\n List-Unsubscribe-Post; bh=x; b=y",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="b"',
    }
    text = but.pop("text", f"Hello.\r\n\r\nLeave: {link}")
    page = but.pop("page", f'<p>Hello.</p><p><a href="{link}">Leave</a></p>')
    told = {**headers, **{name.replace("_", "-"): value for name, value in but.items()}}
    lines = [f"{name}: {value}" for name, value in told.items() if value]
    body = (
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n--b--\r\n"
    )
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def check(house: House, raw: bytes) -> Any:
    answer = house.client.post(
        PATH, data=raw, headers=house.headers, content_type="message/rfc822"
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def codes(said: Any) -> list[str]:
    return [each["code"] for each in said["findings"]]


@pytest.fixture(autouse=True, scope="module")
def _https(ground: Ground) -> None:
    """Let this module's server have an https address, as a real one has."""
    told = ground.app.extensions
    settings = told["consent.settings"]
    told["consent.settings"] = replace(settings, base_url="https://consent.example")


def test_uns_9_a_message_that_lacks_nothing_is_fit(house: House, ada: str) -> None:
    said = check(house, letter(ada, url(house, ada)))
    assert said == {"fit": True, "findings": []}


@pytest.mark.parametrize(
    ("but", "found"),
    [
        ({"List_Unsubscribe": ""}, "no_header"),
        ({"List_Unsubscribe": "<mailto:u@example.org>"}, "only_mailto"),
        ({"List_Unsubscribe": "<http://example.org/u>"}, "not_https"),
        ({"List_Unsubscribe": "https://example.org/u"}, "no_address"),
        ({"List_Unsubscribe": "<https://elsewhere.example/u>"}, "link_not_ours"),
        ({"List_Unsubscribe_Post": ""}, "no_post_header"),
        ({"List_Unsubscribe_Post": "One-Click"}, "wrong_post_value"),
        ({"List_Unsubscribe_Post": "List-Unsubscribe=one-click"}, "wrong_post_value"),
        ({"DKIM_Signature": ""}, "no_dkim"),
        ({"DKIM_Signature": "v=1; d=cubalys.example; h=From:List-Unsubscribe; b=x"},
         "dkim_leaves_out"),
        ({"DKIM_Signature": "v=1; d=esp.example; h=List-Unsubscribe:List-Unsubscribe-Post"},
         "dkim_not_aligned"),
        ({"text": "Hello.", "page": "<p>Hello.</p>"}, "no_visible_link"),
        ({"page": "<p>Hello.</p>"}, "not_in_every_part"),
        ({"To": ""}, "no_recipient"),
        ({"To": "a@b.example, c@d.example"}, "several_recipients"),
    ],
)  # fmt: skip
def test_uns_9_what_is_missing_is_named_with_its_mending(
    house: House, ada: str, but: dict[str, str], found: str
) -> None:
    said = check(house, letter(ada, url(house, ada), **but))
    assert found in codes(said)
    (finding,) = [each for each in said["findings"] if each["code"] == found]
    assert finding["mend"]["fr"]
    assert said["fit"] is all(each["severity"] == "warning" for each in said["findings"])


@pytest.mark.parametrize(
    "page",
    [
        '<p><a href="{link}" style="display:none">Leave</a></p>',
        '<p><a href="{link}"></a></p>',
        '<p><a href="https://elsewhere.example">Leave</a></p>',
    ],
)
def test_uns_10_a_link_that_nobody_sees_is_none(house: House, ada: str, page: str) -> None:
    link = url(house, ada)
    said = check(house, letter(ada, link, text="Hello.", page=page.format(link=link)))
    assert "no_visible_link" in codes(said)


@pytest.mark.parametrize(
    "image",
    [
        '<img src="https://esp.example/o.gif" width="1" height="1">',
        '<img src="https://esp.example/o.gif" style="width:1px;height:1px">',
        '<img src="//esp.example/o.gif" style="display:none">',
    ],
)
def test_pix_1_a_pixel_is_for_whoever_has_granted_it(
    house: House, ada: str, image: str
) -> None:
    link = url(house, ada)
    raw = letter(ada, link, page=f'<a href="{link}">Leave</a>{image}')
    said = check(house, raw)
    assert codes(said) == ["tracking_pixel"]
    assert said["fit"] is False
    house.tell({"email": ada}, choices={"email_open_tracking": "granted"})
    assert check(house, raw)["fit"] is True


def test_a_picture_that_is_there_to_be_seen_is_no_pixel(house: House, ada: str) -> None:
    link = url(house, ada)
    page = f'<a href="{link}">Leave</a><img src="https://x.example/a.png" width="600" alt="">'
    assert check(house, letter(ada, link, page=page))["fit"] is True


def test_a_message_to_somebody_who_has_left_is_not_fit(house: House, ada: str) -> None:
    raw = letter(ada, url(house, ada))
    house.tell({"email": ada}, choices={"newsletter": "refused"})
    assert codes(check(house, raw)) == ["not_allowed"]


def test_a_link_made_for_somebody_else_is_found(house: House, ada: str) -> None:
    other = url(house, f"other{next(_numbers)}@people.example")
    assert "link_of_somebody_else" in codes(check(house, letter(ada, other)))


def test_a_link_of_another_organisation_is_as_unknown_as_one_that_nobody_has(
    ground: Ground, house: House, ada: str
) -> None:
    theirs = ground.theirs.post(
        "/v1/unsubscribe-links", {"subject": {"email": ada}, "purpose": "newsletter"}
    ).get_json()["url"]
    forged = "https://consent.example/u/" + "A" * 22 + "." + "B" * 43
    answers = [check(house, letter(ada, link)) for link in (theirs, forged)]
    assert answers[0] == answers[1]
    assert codes(answers[0]) == ["unknown_link"]


def test_an_address_in_a_link_is_told(house: House, ada: str) -> None:
    link = url(house, ada)
    page = f'<a href="{link}">Leave</a><a href="https://x.example/?e={ada}">More</a>'
    assert codes(check(house, letter(ada, link, page=page))) == ["address_in_link"]


def test_the_answer_repeats_nothing_of_the_message(house: House, ada: str) -> None:
    raw = letter(ada, url(house, ada), Subject="canary-774", DKIM_Signature="canary-775")
    assert "canary" not in json.dumps(check(house, raw))
    assert ada not in json.dumps(check(house, raw))


_DEEP = b"".join(
    b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(900)
)
_MANY = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 5000


@pytest.mark.parametrize(
    "raw", [b"", b"no header at all", _DEEP, _MANY], ids=["empty", "none", "deep", "many"]
)
def test_what_is_no_message_is_422_and_never_500(house: House, raw: bytes) -> None:
    answer = house.client.post(
        PATH, data=raw, headers=house.headers, content_type="message/rfc822"
    )
    assert answer.status_code == 422


def test_a_message_too_large_or_of_another_form_is_refused(house: House) -> None:
    for body, media, status in (
        (b"a: b\r\n\r\n" + b"x" * MOST_BYTES, "message/rfc822", 413),
        (b"{}", "application/json", 415),
    ):
        answer = house.client.post(PATH, data=body, headers=house.headers, content_type=media)
        assert answer.status_code == status


@given(st.binary(max_size=400), st.sampled_from([b"utf-8", b"utf-7", b"idna", b"zlib", b"x"]))
def test_no_message_is_too_strange_to_be_judged(body: bytes, charset: bytes) -> None:
    head = b"To: a@b.example\r\nContent-Type: text/html; charset=" + charset + b"\r\n\r\n"
    for raw in (head + body, body + head, head + b"<a href='" + body):
        try:
            found = judge(read_letter(raw), Known(base_url=BASE))
        except UnreadableLetter:
            continue
        assert all(each.code in WORDS["en"] for each in found)


def test_the_command_says_it_in_words_and_by_its_exit_code(
    ground: Ground, house: House, ada: str, tmp_path: Path
) -> None:
    own = ["-o", public("org", house.organisation)]
    file = tmp_path / "letter.eml"
    file.write_bytes(letter(ada, url(house, ada)))
    fit = CliRunner().invoke(check_message_command, [str(file), *own])
    assert (fit.exit_code, fit.output.strip()) == (0, "The message is fit to send.")
    file.write_bytes(letter(ada, url(house, ada), List_Unsubscribe_Post=""))
    unfit = CliRunner().invoke(check_message_command, [str(file), *own, "--lang", "fr"])
    assert unfit.exit_code == 1
    assert "List-Unsubscribe-Post manque" in unfit.output
    as_json = CliRunner().invoke(check_message_command, [str(file), *own, "--json"])
    assert json.loads(as_json.output)["fit"] is False
    file.write_bytes(b"nothing")
    assert CliRunner().invoke(check_message_command, [str(file), *own]).exit_code == 2
