"""Signing up: a form, a mail, a page, a button; and nothing but the button is a yes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from consent_server.db import Sql, read
from consent_server.fsck import check_standing
from consent_server.newsletters.signup.purge import forget_unconfirmed
from tests.newsletters.signup_world import ADA, Desk
from tests.newsletters.world import dump, link
from tests.support.house import ORIGIN
from tests.support.mailserver import body_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.house import House


@pytest.fixture
def desk(app: Flask, house: House) -> Desk:
    return Desk(app, house)


def why(desk: Desk, purpose: str = "newsletter") -> str:
    return desk.house.why({"email": ADA}, purpose)


def events(desk: Desk) -> list[tuple[str, str | None]]:
    desk.house.integrate()
    told = desk.house.get("/v1/events?after=0&limit=500").get_json()["events"]
    return [(event["type"], event.get("purpose")) for event in told]


def test_from_the_form_to_the_yes_each_step_counts_for_what_it_is(desk: Desk) -> None:
    assert why(desk) == "never_asked"
    answer = desk.send(desk.body())
    assert (answer.status_code, answer.get_json()) == (202, {"accepted": True})
    (mail,) = desk.work()
    assert mail["To"] == ADA
    assert why(desk) == "unconfirmed"
    path = desk.link(mail)
    page = desk.open(path)
    assert page.status_code == 200
    assert "Au carré" in page.get_data(as_text=True)
    assert why(desk) == "unconfirmed"
    done = desk.press(path, page)
    assert done.status_code == 200
    assert "C’est fait" in done.get_data(as_text=True)
    assert why(desk) == "consent"
    assert [each for each in events(desk) if each[0].startswith("consent.")] == [
        ("consent.confirmed", "newsletter")
    ]


def test_the_record_holds_words_version_page_both_times_and_the_message(desk: Desk) -> None:
    house = desk.house
    asked_at = house.at(house.clock())
    desk.send(desk.body())
    (mail,) = desk.work()
    house.clock.advance(hours=3)
    desk.press(desk.link(mail))
    desk.house.integrate()
    decision = house.ask({"email": ADA})["decision"]
    proof = house.get(f"/v1/decisions/{decision}/proof?opening=true").get_json()
    record = proof["record"]
    for part in (
        f'"message_id":"{mail["Message-ID"]}"',
        f'"page":"{ORIGIN}"',
        f'"asked_at":"{asked_at}"',
        f'"decided_at":"{house.at(house.clock())}"',
        f'"notice_version":"{house.form}"',
        '"notice_hash":',
        '"assertion":"witnessed"',
        '"door":"subscription"',
        '"action":"confirm"',
        '"previous":"dec_',
    ):
        assert part in record, part
    assert ADA not in record
    shown = house.get(f"/v1/decisions/{decision}").get_json()
    claim = house.get(f"/v1/decisions/{shown['previous']}").get_json()
    assert claim["choices"] == {"newsletter": "claimed"}
    assert claim["standing"] == {"newsletter": "unconfirmed"}


def test_a_confirmed_person_leaves_by_one_click_and_an_old_link_does_not_bring_her_back(
    desk: Desk,
) -> None:
    path = desk.ask()
    desk.press(path)
    left = desk.house.client.post(link(desk.house), data={"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200
    assert why(desk) == "withdrawn"
    again = desk.open(path)
    assert again.status_code == 200
    assert "Ce lien a déjà servi" in again.get_data(as_text=True)
    pressed = desk.house.client.post(path, data={"confirm": "1", "page": "x"})
    assert "Ce lien a déjà servi" in pressed.get_data(as_text=True)
    assert why(desk) == "withdrawn"


def test_safe_methods_scanners_and_a_button_of_no_page_change_nothing(desk: Desk) -> None:
    path = desk.ask()
    before = dump(desk.house)
    for method in ("GET", "HEAD", "OPTIONS"):
        for _ in range(5):
            desk.house.client.open(path, method=method)
    assert dump(desk.house) == before
    for data in ({}, {"confirm": "1"}, {"confirm": "1", "page": "forged"}):
        answer = desk.house.client.post(path, data=data)
        assert answer.status_code == 400
        assert 'name="page"' in answer.get_data(as_text=True)
    assert dump(desk.house) == before
    desk.press(path)
    assert why(desk) == "consent"


def test_pressed_twice_it_is_one_decision(desk: Desk) -> None:
    path = desk.ask()
    page = desk.open(path)
    desk.press(path, page)
    once = dump(desk.house)
    second = desk.press(path, page)
    assert (second.status_code, dump(desk.house)) == (200, once)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: f"{path[:-3]}abc", id="forged"),
        pytest.param(lambda path: path[:-20], id="truncated"),
        pytest.param(lambda path: f"{path}x", id="longer"),
        pytest.param(lambda _: "/confirm/nothing-of-ours", id="foreign"),
    ],
)
def test_a_bad_token_gets_a_clear_page_and_changes_nothing(
    desk: Desk, change: Callable[[str], str]
) -> None:
    path = change(desk.ask())
    before = dump(desk.house)
    for answer in (
        desk.open(path, headers={"Accept-Language": "fr"}),
        desk.house.client.post(path, data={"confirm": "1"}, headers={"Accept-Language": "fr"}),
    ):
        assert answer.status_code == 404
        text = answer.get_data(as_text=True)
        assert "Ce lien n’est pas complet" in text
        assert "Cubalys" not in text
    assert dump(desk.house) == before


def test_a_link_dies_after_seven_days_and_an_unsubscribe_link_confirms_nothing(
    desk: Desk,
) -> None:
    path = desk.ask()
    page = desk.open(path)
    foreign = link(desk.house).replace("/u/", "/confirm/")
    assert desk.open(foreign).status_code == 404
    desk.house.clock.advance(days=7, seconds=1)
    for answer in (desk.open(path), desk.house.client.post(path, data={"confirm": "1"})):
        assert answer.status_code == 410
        assert 'name="page"' not in answer.get_data(as_text=True)
    assert page.status_code == 200
    assert why(desk) == "unconfirmed"


def test_what_was_never_confirmed_is_forgotten_with_whoever_is_known_for_nothing_else(
    desk: Desk,
) -> None:
    desk.house.tell({"email": "known@people.example"})
    path = desk.ask()
    desk.ask("known@people.example", "email_open_tracking")
    desk.house.clock.advance(days=8, seconds=1)
    assert forget_unconfirmed(desk.house.organisation) == 2
    assert why(desk) == "never_asked"
    assert desk.house.why({"email": "known@people.example"}) == "consent"
    assert desk.house.why({"email": "known@people.example"}, "email_open_tracking") == (
        "never_asked"
    )
    assert desk.open(path).status_code == 410
    with read(desk.house.organisation) as tx:
        assert not list(check_standing(tx, desk.house.organisation))
        ((left,),) = tx.run(Sql("SELECT COUNT(*) FROM subject"))
    assert left == 1


def test_a_claim_changes_nothing_that_stands_and_is_no_event(desk: Desk) -> None:
    house = desk.house
    house.tell({"email": ADA})
    assert why(desk) == "consent"
    before = events(desk)
    desk.ask()
    assert why(desk) == "consent"
    house.clock.advance(minutes=1)
    house.client.post(link(house), data={"List-Unsubscribe": "One-Click"})
    desk.house.clock.advance(minutes=20)
    path = desk.ask()
    assert why(desk) == "withdrawn"
    assert [each for each in events(desk) if each not in before] == [
        ("consent.withdrawn", "newsletter")
    ]
    desk.press(path)
    assert why(desk) == "consent"


def test_an_erased_person_signs_up_again_for_that_purpose_only(desk: Desk) -> None:
    house = desk.house
    house.tell(
        {"email": ADA}, choices={"newsletter": "granted", "prospecting.email": "granted"}
    )
    erased = house.post("/v1/subjects/erase", {"subject": {"email": ADA}, "reason": "asked"})
    assert erased.get_json()["erased"]
    house.clock.advance(minutes=1)
    path = desk.ask()
    assert why(desk) in {"erased", "suppressed"}
    desk.press(path)
    assert why(desk) == "consent"
    assert why(desk, "prospecting.email") in {"erased", "suppressed"}


def test_erasing_a_person_kills_the_link_that_waits_and_the_mail_that_has_not_left(
    desk: Desk,
) -> None:
    path = desk.ask()
    desk.send(desk.body(ADA, "email_open_tracking"))
    desk.house.post("/v1/subjects/erase", {"subject": {"email": ADA}, "reason": "asked"})
    assert desk.work() == []
    assert desk.open(path).status_code == 410


def test_a_suppressed_person_gets_the_one_mail_and_comes_back_by_it(desk: Desk) -> None:
    house = desk.house
    answer = house.post("/v1/suppressions", {"subject": {"email": ADA}, "scope": "marketing"})
    assert answer.status_code == 201
    house.clock.advance(minutes=1)
    path = desk.ask()
    assert why(desk) == "suppressed"
    desk.press(path)
    assert why(desk) == "consent"


@pytest.mark.parametrize(
    ("but", "pointer"),
    [
        pytest.param({"email": "nobody"}, "/email", id="no address"),
        pytest.param({"email": "a@b.example\r\nBcc: c@d.example"}, "/email", id="two lines"),
        pytest.param({"purposes": []}, "/purposes", id="nothing asked"),
        pytest.param({"purposes": ["analytics"]}, "/purposes/0", id="a tracker"),
        pytest.param({"purposes": ["prospecting.phone"]}, "/purposes/0", id="by phone"),
        pytest.param({"purposes": ["unheard-of"]}, "/purposes/0", id="unknown purpose"),
        pytest.param({"language": "de"}, "/language", id="a language without words"),
        pytest.param({"visitor": "short"}, "/visitor", id="visitor too short"),
        pytest.param({"more": 1}, "/more", id="an unknown field"),
    ],
)
def test_a_body_that_asks_nothing_clear_is_refused_by_field(
    desk: Desk, but: dict[str, object], pointer: str
) -> None:
    answer = desk.send(desk.body(**but))  # type: ignore[arg-type] # any field
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.get_json()["errors"]]
    assert "b.example" not in answer.get_data(as_text=True)


def test_a_banner_s_version_and_a_foreign_page_are_refused(desk: Desk) -> None:
    assert desk.send(desk.body(notice_version=desk.house.banner)).status_code == 422
    assert desk.send(desk.body(), origin="https://elsewhere.example").status_code == 403


def test_a_plain_form_gets_a_page_or_goes_back_to_one_of_the_site(desk: Desk) -> None:
    form = {**desk.body(ADA), "purposes": ["newsletter"], "submit": "ok"}
    post = desk.house.client.post
    page = post(desk.path, data=form, headers={"Origin": ORIGIN})
    assert page.status_code == 202
    assert "Encore une étape" in page.get_data(as_text=True)
    back = post(desk.path, data={**form, "return_to": f"{ORIGIN}/merci"})
    assert (back.status_code, back.headers["Location"]) == (303, f"{ORIGIN}/merci")
    for elsewhere in (
        "https://elsewhere.example/",
        f"{ORIGIN}.elsewhere.example/",
        "//x.example",
    ):
        stayed = post(desk.path, data={**form, "return_to": elsewhere})
        assert stayed.status_code == 202
    unsaid = post(desk.path, data=form, headers={"Origin": "null"})
    assert unsaid.status_code == 202
    foreign = post(desk.path, data=form, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403


def test_a_plain_form_with_a_mistake_says_what_to_mend(desk: Desk) -> None:
    post = desk.house.client.post
    told = {**desk.body(ADA), "purposes": ["newsletter"]}
    wrong = post(desk.path, data={**told, "email": "ada"})
    assert wrong.status_code == 422
    assert "ne ressemble pas à une adresse" in wrong.get_data(as_text=True)
    nothing = post(desk.path, data={k: v for k, v in told.items() if k != "purposes"})
    assert "Cochez ce que vous souhaitez" in nothing.get_data(as_text=True)


def test_ten_thousand_letters_are_not_written_to_one_person(desk: Desk) -> None:
    # Tags, dots and capitals are one mailbox; what is asked changes nothing of the answer.
    spellings = ["ada@people.example", "Ada+news@people.example", "a.d.a@people.example"]
    answers = set()
    for number in range(30):
        answer = desk.send(desk.body(spellings[number % 3]))
        answers.add((answer.status_code, answer.get_data()))
    assert len(answers) == 1
    assert len(desk.work()) == 1
    for _ in range(6):
        desk.house.clock.advance(minutes=11)
        desk.send(desk.body(spellings[0], "email_open_tracking"))
        desk.send(desk.body(spellings[1]))
        desk.work()
    with read(desk.house.organisation) as tx:
        ((sent,),) = tx.run(Sql("SELECT COUNT(*) FROM mail_message"))
        ((waiting,),) = tx.run(Sql("SELECT COUNT(*) FROM signup"))
    assert sent == 3
    assert waiting == sent


def test_the_mail_reads_well_in_both_languages_and_tracks_nobody(desk: Desk) -> None:
    desk.send(desk.body("fr@people.example"))
    desk.send(desk.body("en@people.example", language="en"))
    sent = {mail["To"]: mail for mail in desk.work()}
    french, english = sent["fr@people.example"], sent["en@people.example"]
    assert french["Subject"] == "Confirmez votre inscription auprès de Cubalys"
    assert english["Subject"] == "Please confirm your sign-up with Cubalys"
    assert "List-Unsubscribe" not in english
    for mail in (french, english):
        page = body_of(mail, "html")
        assert not re.search(r"<img|src=|url\(|<script", page)
        assert set(re.findall(r'href="(https?://[^/"]+)', page)) <= {
            "http://127.0.0.1:8000",
            ORIGIN,
        }
