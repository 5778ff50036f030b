"""Leaving: the page with its one button, the mailbox's one click, and nothing by accident."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import Sql, read, write
from consent_server.fsck import check_all
from tests.newsletters.world import ADA, ONE_CLICK, count, dump, link, open_page, press
from tests.support.document import apply

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock
    from tests.support.house import House

ZOE = {"email": "zoe.marchetti@people.example"}
SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; LinkScanner/3.1)", "Accept": "*/*"}


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_uns_2_one_click_withdraws_in_both_encodings(house: House, media: str) -> None:
    house.tell(ADA)
    answer = house.client.post(link(house), data=ONE_CLICK, content_type=media)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert house.why(ADA) == "withdrawn"
    house.integrate()
    assert list(check_all()) == []


def test_uns_2_one_click_takes_the_body_that_mailboxes_send_byte_for_byte(house: House) -> None:
    house.tell(ADA)
    answer = house.client.post(
        link(house),
        data=b"List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert house.why(ADA) == "withdrawn"


def test_uns_3_one_click_needs_no_cookie_sets_none_and_is_not_sent_elsewhere(
    house: House,
) -> None:
    house.tell(ADA)
    stranger = house.client.application.test_client(use_cookies=False)
    answer = stranger.post(link(house), data=ONE_CLICK, headers={"Origin": "null"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Location" not in answer.headers
    assert house.why(ADA) == "withdrawn"


@pytest.mark.parametrize("purpose", ["newsletter", "marketing"])
def test_uns_4_get_head_and_options_never_change_anything(house: House, purpose: str) -> None:
    house.tell(ADA)
    path = link(house, purpose=purpose)
    house.integrate()
    before = dump(house)
    for _ in range(20):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = house.client.open(path, method=method, headers=SCANNER)
            assert answer.status_code == 200
    assert house.client.open(path, method="TRACE").status_code == 405
    for address in (f"{path}?confirm=1", f"{path}?List-Unsubscribe=One-Click"):
        assert house.client.get(address).status_code == 200
    assert dump(house) == before
    assert house.why(ADA) == "consent"
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert house.ask(ADA)["allowed"] is False


def test_uns_4_the_page_has_one_button_and_sends_nothing_by_itself(house: House) -> None:
    page = open_page(house, link(house))
    assert page.count("<button") == 1
    assert "<script" not in page
    assert "http-equiv" not in page
    assert "autofocus" not in page
    assert "Squared" in page
    assert "Cubalys" in page
    assert ADA["email"] not in page
    assert "Au carré" in open_page(house, link(house), "fr")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"confirm": "1"},
        {"confirm": "1", "page": "forged.ZZZZ.AAAA"},
        {"confirm": "marketing"},
        {"List-Unsubscribe": "One-Click "},
        {"List-Unsubscribe": "one-click"},
        {"List-Unsubscribe": ""},
        {"list-unsubscribe": "One-Click"},
        {"List-Unsubscribe": ["One-Click", "Two-Click"]},
        {"unsubscribe": "yes"},
    ],
)
def test_uns_5_any_other_body_is_refused_and_changes_nothing(
    house: House, body: dict[str, Any]
) -> None:
    house.tell(ADA)
    path = link(house)
    before = dump(house)
    answer = house.client.post(path, data=body)
    assert answer.status_code == 400
    # The person behind it, if there is one, has the button again.
    assert answer.get_data(as_text=True).count("<button") == 1
    assert dump(house) == before


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (b'{"List-Unsubscribe": "One-Click"}', "application/json"),
        (b"List-Unsubscribe=One-Click", "application/octet-stream"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
    ],
)
def test_uns_5_a_body_in_another_form_is_refused(house: House, body: bytes, media: str) -> None:
    house.tell(ADA)
    answer = house.client.post(link(house), data=body, content_type=media)
    assert answer.status_code == 400
    assert house.why(ADA) == "consent"


def test_uns_5_the_button_works_for_a_day_and_then_is_offered_again(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    path = link(house)
    page = open_page(house, path)
    clock.advance(hours=24, seconds=1)
    late = press(house, path, page)
    assert late.status_code == 400
    assert house.why(ADA) == "consent"
    done = press(house, path, late.get_data(as_text=True))
    assert done.status_code == 200
    assert house.why(ADA) == "withdrawn"


def test_uns_5_the_button_of_one_link_does_not_press_another(house: House) -> None:
    house.tell(ZOE)
    page = open_page(house, link(house))
    assert press(house, link(house, ZOE), page).status_code == 400
    assert house.why(ZOE) == "consent"


def test_uns_6_a_hundred_posts_are_answered_alike_and_recorded_once(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    before = count(house, "decision")
    answers = {
        (answer.status_code, answer.data)
        for answer in (house.client.post(path, data=ONE_CLICK) for _ in range(100))
    }
    assert len(answers) == 1
    assert count(house, "decision") == before + 1
    assert press(house, path, open_page(house, path)).status_code == 200
    assert count(house, "decision") == before + 1


@pytest.mark.parametrize("purpose", ["newsletter", "marketing"])
def test_uns_6_sixteen_posts_at_once_make_one_decision(
    house: House, app: Flask, purpose: str
) -> None:
    house.tell(ADA)
    path = link(house, purpose=purpose)
    before = count(house, "decision")

    def click(_: int) -> int:
        return app.test_client().post(path, data=ONE_CLICK).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(click, range(16))) == {200}
    assert count(house, "decision") == before + 1
    assert count(house, "suppression") == (1 if purpose == "marketing" else 0)
    house.integrate()
    assert list(check_all()) == []


def test_uns_6_a_later_yes_is_ended_again_by_the_same_link(
    house: House, clock: HandClock
) -> None:
    yes = {"choices": {"prospecting.email": "granted"}, "assertion": "evidenced"}
    house.tell(ADA, **yes, evidence="form 11, signed")
    path = link(house, purpose="prospecting.email")
    house.client.post(path, data=ONE_CLICK)
    clock.advance(days=1)
    house.tell(ADA, **yes, evidence="form 12, signed")
    assert house.why(ADA, "prospecting.email") == "consent"
    clock.advance(days=1)
    house.client.post(path, data=ONE_CLICK)
    assert house.why(ADA, "prospecting.email") == "withdrawn"


def test_a_click_an_hour_later_is_a_no_of_its_own_that_no_letter_of_in_between_undoes(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    path = link(house)
    house.client.post(path, data=ONE_CLICK)
    before = count(house, "decision")
    clock.advance(minutes=59)
    house.client.post(path, data=ONE_CLICK)
    assert count(house, "decision") == before
    in_between = house.at(clock())
    clock.advance(minutes=2)
    page = open_page(house, path)
    assert press(house, path, page).status_code == 200
    assert count(house, "decision") == before + 1
    # Said again, not said anew: she withdrew, and has not refused something else.
    assert house.why(ADA) == "withdrawn"
    clock.advance(days=1)
    letter = {"assertion": "evidenced", "evidence": "form 12", "decided_at": in_between}
    late = house.tell(ADA, **letter)
    assert (late.status_code, late.get_json()["code"]) == (409, "later_no")
    assert house.why(ADA) == "withdrawn"
    house.integrate()
    assert list(check_all()) == []


def test_uns_7_one_link_ends_one_purpose_and_no_other(house: House) -> None:
    house.tell(ADA, choices={"newsletter": "granted", "prospecting.email": "granted"})
    house.client.post(link(house), data=ONE_CLICK)
    assert house.why(ADA, "newsletter") == "withdrawn"
    assert house.why(ADA, "prospecting.email") == "consent"


def test_uns_7_all_marketing_ends_by_its_own_link_and_spares_what_the_contract_needs(
    house: House,
) -> None:
    _customer(house)
    house.tell(ADA, choices={"newsletter": "granted", "prospecting.phone": "granted"})
    house.client.post(link(house, purpose="marketing"), data=ONE_CLICK)
    for purpose in (
        "newsletter",
        "newsletter.product_updates",
        "prospecting.phone",
        "prospecting.post",
        "customer_offers",
        "satisfaction_surveys",
    ):
        assert house.why(ADA, purpose) == "suppressed"
    assert house.why(ADA, "service_messages") == "contract"
    assert house.why(ADA, "accounting") == "legal_obligation"
    with read(house.organisation) as tx:
        assert tx.run(Sql("SELECT scope, reason FROM suppression")) == [
            ("marketing", "unsubscribed")
        ]


def test_uns_7_the_page_that_follows_the_button_offers_to_stop_all_marketing(
    house: House,
) -> None:
    house.tell(ADA, choices={"newsletter": "granted", "prospecting.email": "granted"})
    path = link(house)
    left = press(house, path, open_page(house, path)).get_data(as_text=True)
    assert house.why(ADA, "prospecting.email") == "consent"
    done = press(house, path, left, confirm="marketing")
    assert done.status_code == 200
    assert 'value="marketing"' not in done.get_data(as_text=True)
    assert house.why(ADA, "prospecting.email") == "suppressed"


def test_uns_7_the_first_pages_token_does_not_stop_all_marketing(house: House) -> None:
    house.tell(ADA, choices={"newsletter": "granted", "prospecting.email": "granted"})
    path = link(house)
    token = re.search(r'name="page" value="([^"]+)"', open_page(house, path))
    assert token
    body = {"confirm": "marketing", "page": token[1]}
    assert house.client.post(path, data=body).status_code == 400
    assert house.why(ADA, "prospecting.email") == "consent"


def test_uns_8_the_very_next_lookup_and_the_feed_say_no(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    answer = house.ask(ADA)
    assert (answer["allowed"], answer["because"]) == (False, "withdrawn")
    house.integrate()
    last = house.get("/v1/events").get_json()["events"][-1]
    assert (last["type"], last["purpose"]) == ("consent.withdrawn", "newsletter")
    assert last["decision"] == answer["decision"]


def test_uns_8_where_the_basis_is_not_consent_the_click_is_an_objection(house: House) -> None:
    _customer(house)
    assert house.why(ADA, "newsletter.product_updates") in {
        "soft_opt_in",
        "legitimate_interest",
    }
    house.client.post(link(house, purpose="newsletter.product_updates"), data=ONE_CLICK)
    assert house.why(ADA, "newsletter.product_updates") == "objected"


def test_uns_8_a_click_by_someone_never_asked_is_a_refusal(house: House) -> None:
    house.client.post(link(house), data=ONE_CLICK)
    assert house.why(ADA) == "refused"


def test_uns_11_every_answer_keeps_the_token_to_itself(house: House) -> None:
    path = link(house)
    forged = f"{path[:-3]}AAA"
    answers = [
        house.client.open(path, method=method) for method in ("GET", "HEAD", "OPTIONS")
    ] + [
        house.client.post(path, data=ONE_CLICK),
        house.client.post(path, data={}),
        house.client.get(forged),
        house.client.post("/u/nothing", data=ONE_CLICK),
        press(house, path, open_page(house, path)),
    ]
    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert "Set-Cookie" not in answer.headers
    page = open_page(house, path)
    assert not re.findall(r'(?:src|href|action)="https?://', page)


def test_uns_12_a_link_that_is_not_ours_shows_a_page_that_names_nobody(house: House) -> None:
    path = link(house)
    pages = [
        open_page(house, address)
        for address in ("/u/x", f"/u/{'A' * 22}.{'B' * 43}", f"{path[:-3]}AAA", path[:30])
    ]
    shapes = {re.sub(r'name="page" value="[^"]+"', "", page) for page in pages}
    assert len(shapes) == 1
    assert "Cubalys" not in pages[0]
    for address in ("/u/x", f"/u/{'A' * 22}.{'B' * 43}"):
        for body in (ONE_CLICK, {"confirm": "1"}, {}):
            answer = house.client.post(address, data=body)
            assert answer.status_code == 404
            assert "Cubalys" not in answer.get_data(as_text=True)


def test_uns_12_a_wrong_signature_still_withdraws_by_click_and_by_button(house: House) -> None:
    house.tell(ADA)
    house.tell(ZOE)
    for subject in (ADA, ZOE):
        path = f"{link(house, subject).partition('.')[0]}.{'A' * 43}"
        if subject is ADA:
            assert house.client.post(path, data=ONE_CLICK).status_code == 200
        else:
            done = press(house, path, open_page(house, path))
            assert done.status_code == 200
            page = done.get_data(as_text=True)
            assert "Cubalys" not in page
            assert "receipts" not in page
        assert house.why(subject) == "withdrawn"


def test_uns_12_no_changed_bit_of_a_token_withdraws_anyone_elses(house: House) -> None:
    people = [{"email": f"p{number}@people.example"} for number in range(5)]
    for person in people:
        house.tell(person)
    tokens = [link(house, person).removeprefix("/u/") for person in people]
    name, _, signature = tokens[0].partition(".")
    before = dump(house)
    for place in range(len(name)):
        for bit in range(8):
            letter = chr(ord(name[place]) ^ (1 << bit))
            if letter in "/?#%&" or not letter.isprintable():
                continue
            other = f"{name[:place]}{letter}{name[place + 1 :]}.{signature}"
            assert house.client.post(f"/u/{other}", data=ONE_CLICK).status_code in {400, 404}
    for other in (
        f"{name[:-1]}.{signature}",
        f"{name}A.{signature}",
        f"{name.lower()}.{signature}",
    ):
        if other.partition(".")[0] != name:
            assert house.client.post(f"/u/{other}", data=ONE_CLICK).status_code == 404
    assert dump(house) == before
    # Another one's signature is no more than a wrong one: the name alone says whose.
    mixed = f"/u/{name}.{tokens[1].partition('.')[2]}"
    assert house.client.post(mixed, data=ONE_CLICK).status_code == 200
    assert house.why(people[0]) == "withdrawn"
    assert all(house.why(person) == "consent" for person in people[1:])


def test_uns_12_guessing_is_limited_and_never_locks_out_whoever_holds_a_link(
    house: House,
) -> None:
    house.tell(ADA)
    path = link(house)
    answers = {
        house.client.post(f"/u/guess{n}", data=ONE_CLICK).status_code for n in range(605)
    }
    assert answers == {404, 429}
    assert house.client.get(path).status_code == 200
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert house.why(ADA) == "withdrawn"


def test_a_link_to_a_purpose_that_was_dropped_still_records_the_no(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    path = link(house)
    clock.advance(days=30)
    apply(clock, _without_newsletter)
    assert house.why(ADA) == "unknown_purpose"
    assert "Squared" in open_page(house, path)
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    house.integrate()
    events = house.get("/v1/events").get_json()["events"]
    withdrawn = [each for each in events if each["type"] == "consent.withdrawn"]
    assert [each["purpose"] for each in withdrawn] == ["newsletter"]
    assert list(check_all()) == []


def test_a_link_of_an_erased_subject_still_answers_and_writes_nothing(house: House) -> None:
    path = link(house)
    with write(house.organisation) as tx:
        for table in ("crossed_hash", "identifier", "subject"):
            tx.run(Sql(f"DELETE FROM {table}"))
    before = dump(house)
    page = open_page(house, path)
    assert press(house, path, page).status_code == 200
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert dump(house) == before


def test_the_page_gives_the_receipt_of_what_it_recorded(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    first = press(house, path, open_page(house, path)).get_data(as_text=True)
    again = press(house, path, open_page(house, path)).get_data(as_text=True)
    receipts = {
        re.search(r"/v1/receipts/([\w-]+)", page)[1]  # type: ignore[index] # asserted by the set
        for page in (first, again)
    }
    assert len(receipts) == 1
    told = house.client.get(f"/v1/receipts/{receipts.pop()}").get_json()
    assert told["door"] == "unsubscribe"
    assert [choice["answer"] for choice in told["choices"]] == ["withdrawn"]


def test_the_page_gives_no_receipt_of_a_no_said_elsewhere(house: House) -> None:
    house.tell(ADA, choices={"newsletter": "refused", "prospecting.email": "refused"})
    path = link(house)
    done = press(house, path, open_page(house, path))
    assert "receipts" not in done.get_data(as_text=True)


def test_the_receipt_of_all_marketing_is_given_again_and_never_by_a_narrower_link(
    house: House,
) -> None:
    narrow, wide = link(house), link(house, purpose="marketing")
    pages = [press(house, wide, open_page(house, wide)).get_data(as_text=True) for _ in "12"]
    receipts = [re.findall(r"/v1/receipts/([\w-]+)", page) for page in pages]
    assert receipts[0]
    assert receipts[0] == receipts[1]
    done = press(house, narrow, open_page(house, narrow))
    assert "receipts" not in done.get_data(as_text=True)


def _customer(house: House) -> None:
    answer = house.post(
        "/v1/subjects",
        {
            "identifiers": [ADA],
            "relationships": [{"kind": "customer", "contract": True}],
            "capacity": "consumer",
            "source": "contract",
            "collection": {
                "direct": True,
                "in_sale": True,
                "seller": "Cubalys",
                "similar": True,
                "refusal_offered": True,
            },
        },
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)


def _without_newsletter(document: dict[str, Any]) -> None:
    document["purposes"] = [
        each for each in document["purposes"] if each["slug"] != "newsletter"
    ]
    for notice in document["notices"]:
        notice["purposes"] = [slug for slug in notice["purposes"] if slug != "newsletter"]


def test_a_click_is_recorded_even_where_a_linked_person_s_no_acts_already(
    house: House,
) -> None:
    bea = {"email": "bea@people.example"}
    subjects = [house.tell(one).get_json()["subject"] for one in (ADA, bea)]
    made = house.post("/v1/links", {"subjects": subjects, "source": "log-in"}).get_json()
    no = {"subject": bea, "source": "mail", "choices": {"newsletter": "refused"}}
    house.post("/v1/decisions", no)
    assert house.why(ADA) == "withdrawn"
    assert house.client.post(link(house), data=ONE_CLICK).status_code == 200
    # The link was a mistake; the click was not.
    house.client.delete(f"/v1/links/{made['link']}", headers=house.headers)
    assert house.why(ADA) in {"withdrawn", "refused"}


def test_undo_follows_the_persons_own_press_and_restores_what_stood(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA, choices={"newsletter": "granted", "prospecting.email": "granted"})
    path = link(house)
    left = press(house, path, open_page(house, path)).get_data(as_text=True)
    clock.advance(hours=23)
    again = undo(house, path, left)
    assert again.status_code == 200
    assert "Undone" in again.get_data(as_text=True)
    said = house.ask(ADA)
    assert said["because"] == "consent"
    assert house.get(f"/v1/decisions/{said['decision']}").get_json()["action"] == "undo"
    assert "nothing to undo" in undo(house, path, left).get_data(as_text=True)
    house.integrate()
    assert list(check_all()) == []


def test_undo_of_all_marketing_lifts_the_suppression_for_what_was_a_yes(house: House) -> None:
    house.tell(ADA, choices={"newsletter": "granted", "prospecting.email": "granted"})
    path = link(house)
    left = press(house, path, open_page(house, path)).get_data(as_text=True)
    house.clock.advance(minutes=1)
    done = press(house, path, left, confirm="marketing").get_data(as_text=True)
    assert house.why(ADA, "prospecting.email") == "suppressed"
    house.clock.advance(minutes=1)
    undo(house, path, done)
    assert house.why(ADA, "prospecting.email") == "consent"
    # That one was left by another press, which had an undo of its own.
    assert house.ask(ADA)["allowed"] is False


def test_undo_is_never_offered_by_the_mail_by_a_mailboxs_click_or_after_it(
    house: House,
) -> None:
    house.tell(ADA)
    path = link(house)
    page = open_page(house, path)
    assert "undo" not in page.lower()
    click = house.client.post(path, data=ONE_CLICK).get_data(as_text=True)
    assert "undo" not in click.lower()
    # The button after the mailbox's click changes nothing, so there is nothing of it to undo.
    assert "undo" not in press(house, path, page).get_data(as_text=True).lower()
    decision = _no_of(house)
    form = {"confirm": "undo", "decision": decision, "page": re.findall(_PAGE, page)[0]}
    assert house.client.post(path, data=form).status_code == 400
    assert house.ask(ADA)["allowed"] is False


_PAGE = r'name="page" value="([^"]+)"'


def _no_of(house: House) -> str:
    return str(house.ask(ADA)["decision"])


def undo(house: House, path: str, page: str) -> Any:
    form = {
        name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0]
        for name in ("page", "decision")
    }
    return house.client.post(
        path, data={**form, "confirm": "undo"}, headers={"Accept-Language": "en"}
    )
