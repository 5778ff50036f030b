"""The receipt: read by whoever has its name, in the words that were shown, naming nobody."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from consent_server.decisions import read_receipt_name, receipt_name
from consent_server.ids import new_id
from tests.support.document import apply, item

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADA = {"email": "ada.lindqvist@people.example", "external_id": "C-77"}


def page(house: House, name: str, language: str = "en") -> str:
    answer = house.client.get(
        f"/v1/receipts/{name}", headers={**HTML, "Accept-Language": language}
    )
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    return answer.get_data(as_text=True)


def test_a_visitors_receipt_says_who_asked_when_where_in_which_words_and_what(
    house: House,
) -> None:
    written = house.choose(house.choice("refuse_all")).get_json()
    told = house.client.get(f"/v1/receipts/{written['receipt']}").get_json()
    assert told["receipt"] == written["receipt"]
    assert told["decision"] == written["id"]
    assert told["organisation"]["legal_name"] == "Cubalys SAS"
    assert told["recorded_at"] == written["recorded_at"]
    assert told["site"]["name"] == "cubalys.example"
    assert told["notice_version"] == house.banner
    assert told["notice_url"].endswith(f"/n/{house.banner}")
    assert {each["purpose"]: each["answer"] for each in told["choices"]} == {
        "analytics": "refused",
        "advertising": "refused",
        "video": "refused",
    }
    assert all(set(each["title"]) == {"en", "fr"} for each in told["choices"])
    assert told["ledger"] == "pending"
    house.integrate()
    again = house.client.get(f"/v1/receipts/{written['receipt']}").get_json()
    assert again == {**told, "ledger": "integrated"}


def test_a_receipt_names_no_person(house: House) -> None:
    written = house.tell(ADA).get_json()
    name = written["receipt"]
    texts = page(house, name) + house.client.get(f"/v1/receipts/{name}").get_data(as_text=True)
    for secret in ("lindqvist", "C-77", written["subject"], "website-form"):
        assert secret not in texts


@pytest.mark.parametrize(
    ("language", "yes", "title"), [("en", "Yes", "Squared"), ("fr", "Oui", "Au carré")]
)
def test_the_page_speaks_the_readers_language(
    house: House, language: str, yes: str, title: str
) -> None:
    text = page(house, house.tell(ADA).get_json()["receipt"], language)
    assert f'<html lang="{language}"' in text
    assert f"<strong>{yes}</strong>" in text
    assert title in text
    assert f"/n/{house.form}" in text
    assert "<script" not in text
    assert not re.findall(r'src="https?://', text)


def test_the_page_says_whether_the_answer_stands_in_the_log(house: House) -> None:
    name = house.tell(ADA).get_json()["receipt"]
    assert "is about to enter the signed public log" in page(house, name)
    house.integrate()
    assert "stands in the signed public log" in page(house, name)


def test_the_titles_are_those_that_were_shown_whatever_they_are_now(
    house: House, clock: HandClock
) -> None:
    name = house.tell(ADA).get_json()["receipt"]
    clock.advance(days=1)
    apply(
        clock,
        lambda document: item(document, "purposes", "newsletter").update(
            title={"fr": "Autre titre", "en": "Another title"}
        ),
    )
    text = page(house, name)
    assert "Squared" in text
    assert "Another title" not in text


def test_the_form_follows_what_the_reader_accepts(house: House) -> None:
    path = f"/v1/receipts/{house.tell(ADA).get_json()['receipt']}"
    for accept, status, media in (
        ("application/json", 200, "application/json"),
        ("*/*", 200, "application/json"),
        ("text/html", 200, "text/html"),
        ("text/html;q=0.5, application/json", 200, "application/json"),
        ("application/pdf", 200, "application/pdf"),
        ("image/png", 406, "application/problem+json"),
    ):
        answer = house.client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (status, media)


@pytest.mark.parametrize(
    ("language", "said"), [("fr", ("Votre reçu", "Oui")), ("en", ("Your receipt", "Yes"))]
)
def test_on_paper_it_says_what_the_page_says(
    house: House, language: str, said: tuple[str, ...]
) -> None:
    told = house.tell(ADA).get_json()
    path = f"/v1/receipts/{told['receipt']}?lang={language}"
    sheets = [
        house.client.get(path, headers={"Accept": "application/pdf"}).get_data()
        for _ in range(2)
    ]
    assert sheets[0] == sheets[1]
    reader = PdfReader(BytesIO(sheets[0]))
    text = " ".join("\n".join(each.extract_text() for each in reader.pages).split())
    version = house.client.get(f"/v1/receipts/{told['receipt']}").get_json()["notice_url"]
    for words in (*said, told["id"], version):
        assert words in text
    assert f"/Lang ({language})".encode() in sheets[0]
    assert "ada" not in text


def test_nobody_keeps_a_receipt_but_the_person(house: House) -> None:
    path = f"/v1/receipts/{house.tell(ADA).get_json()['receipt']}"
    for accept in ("application/json", "text/html", "application/pdf"):
        answer = house.client.get(path, headers={"Accept": accept})
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "Accept" in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers


def test_names_we_did_not_make_are_one_and_the_same_404(house: House) -> None:
    good = house.tell(ADA).get_json()["receipt"]
    key = house.client.application.extensions["consent.keyring"].derive("receipts")
    place = read_receipt_name(key, good)
    assert place is not None
    missing = receipt_name(key, place[0], new_id())
    foreign = receipt_name(key, new_id(), place[1])
    forged = receipt_name(b"another key", *place)
    wrong = [missing, foreign, forged, good[:-1], f"{good}A", good[::-1], "x", "é" * 43]
    answers = [house.client.get(f"/v1/receipts/{name}") for name in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_no_changed_letter_of_a_name_opens_a_receipt(house: House) -> None:
    good = house.tell(ADA).get_json()["receipt"]
    for place in range(len(good)):
        other = "A" if good[place] != "A" else "B"
        name = f"{good[:place]}{other}{good[place + 1 :]}"
        assert house.client.get(f"/v1/receipts/{name}").status_code == 404


def test_a_letter_entered_late_says_when_the_answer_was_given(
    house: House, clock: HandClock
) -> None:
    given = house.at(clock())
    clock.advance(days=3)
    written = house.tell(
        ADA,
        choices={"prospecting.email": "granted"},
        assertion="evidenced",
        evidence="letter 9",
        decided_at=given,
    ).get_json()
    text = page(house, written["receipt"])
    assert "Answer given on 23 November 2026" in text
    assert "26 November 2026" in text
    assert "letter 9" not in text
