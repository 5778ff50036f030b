"""The preference centre: seen by whoever has the link, refused by it, allowed only by mail."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bench.statements import taken_down
from consent_server.db import Sql, write
from consent_server.decisions.models import Decision
from consent_server.decisions.rules import NOES
from consent_server.fsck import check_all
from consent_server.newsletters import leave
from consent_server.newsletters.centre.pages import WORDS
from consent_server.newsletters.centre.tokens import write_token
from consent_server.newsletters.decide import CENTRE
from consent_server.newsletters.signup.take_up import DOOR
from consent_server.notices.built_in import words_of_calls
from consent_server.organisations import keys_of
from consent_server.web.batches import batches_of
from tests.newsletters.centre_world import ADA, buttons, link, open_page, press, read
from tests.newsletters.world import ONE_CLICK, count, dump
from tests.newsletters.world import link as unsubscribe_link

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House

BOTH = {"newsletter": "granted", "email_open_tracking": "granted"}


def proof(house: House, subject: dict[str, str] = ADA) -> str:
    """Give the path that a mail of proof would bring."""
    with write(house.organisation) as tx:
        keys = keys_of(house.organisation, tx)
    return f"/p/{write_token(keys, 'email', subject['email'], proved=True)}"


def test_the_page_shows_each_use_with_its_words_basis_channel_and_standing(
    house: House,
) -> None:
    house.tell(ADA)
    page = open_page(house, link(house))
    for text in ("The “Squared” newsletter", "By e-mail", "Rests on your consent",
                 "You agreed.", "Since 23 November 2026", f"/n/{house.form}",
                 "Rests on a legitimate interest"):  # fmt: skip
        assert text in page
    assert "Le lien" not in page
    assert "Au carré" in open_page(house, link(house), "fr")


def test_uses_are_grouped_by_what_they_are_for_and_every_use_is_in_one(house: House) -> None:
    house.tell(ADA)
    page = open_page(house, link(house))
    titles = ["Newsletters", "Offers", "Other uses"]
    places = [page.index(f">{title} <span") for title in titles]
    assert places == sorted(places)
    assert "1 of 3 allowed" in page
    assert page.count("<h4>") == len(re.findall(r'name="do" value="stop">', page))


def test_42_the_address_is_shown_with_a_veil_and_stands_nowhere_else(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    page = open_page(house, path)
    assert "a***@p***.example" in page
    for part in ("ada.lindqvist", "people.example"):
        assert part not in page
        assert part not in path


def test_opening_the_page_changes_nothing(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    house.integrate()
    before = dump(house)
    for method in ("GET", "HEAD", "OPTIONS"):
        for more in ("", "?do=stop_all", "?before=dec_0000000000005"):
            assert house.client.open(path + more, method=method).status_code == 200
    assert dump(house) == before


def test_uns_11_the_page_is_kept_by_nobody_and_sets_no_cookie(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    for answer in (house.client.get(path), press(house, path, "stop_all")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in answer.headers
        assert "<script" not in answer.get_data(as_text=True)


def test_pro_5_a_yes_to_calls_is_offered_with_the_sentence_on_calls(house: House) -> None:
    house.tell(ADA)
    sentence = words_of_calls(["en"])["en"]["calls"]
    assert sentence not in open_page(house, link(house))
    page = open_page(house, proof(house, ADA))
    assert page.count(sentence) == 1
    offered = page.index('name="purpose" value="prospecting.phone"', page.index(sentence))
    assert "</li>" not in page[page.index(sentence) : offered]


def test_one_press_stops_one_use_and_the_next_lookup_says_no(house: House) -> None:
    house.tell(ADA, choices=BOTH)
    said = read(press(house, link(house), "stop", "newsletter"))
    assert "this has stopped" in said
    assert house.why(ADA) == "withdrawn"
    assert house.why(ADA, "email_open_tracking") == "consent"
    house.integrate()
    assert list(check_all()) == []


def test_an_objection_is_as_easy_and_is_called_so(house: House) -> None:
    facts = {"relationships": [{"kind": "prospect", "since": house.at(house.clock())}],
             "capacity": "professional"}  # fmt: skip
    house.post("/v1/subjects", {"identifiers": [ADA], "source": "meeting", **facts})
    assert house.why(ADA, "newsletter.professional") == "legitimate_interest"
    said = read(press(house, link(house), "stop", "newsletter.professional"))
    assert "your objection counts" in said
    assert house.why(ADA, "newsletter.professional") == "objected"


def test_stop_all_is_a_no_to_every_marketing_purpose_and_to_what_comes(house: House) -> None:
    house.tell(ADA)
    said = read(press(house, link(house), "stop_all"))
    assert "no more marketing" in said
    for purpose in ("newsletter", "newsletter.professional", "prospecting.email"):
        assert house.ask(ADA, purpose)["allowed"] is False
    assert house.why(ADA) == "suppressed"
    assert not any(each.get("do") == "stop_all" for each in buttons(said))


def test_a_second_press_says_the_same_and_records_nothing(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    page = open_page(house, path)
    press(house, path, "stop", "newsletter", page)
    decisions = count(house, "decision")
    assert "was a no already" in read(press(house, path, "stop", "newsletter", page))
    assert count(house, "decision") == decisions


def test_undo_follows_ones_own_press_and_restores_what_stood_and_no_more(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    until = house.ask(ADA)["expires_at"]
    clock.advance(hours=1)
    path = link(house)
    stopped = read(press(house, path, "stop_all"))
    clock.advance(hours=23)
    assert "stands again" in read(press(house, path, "undo", page=stopped))
    said = house.ask(ADA)
    assert (said["because"], said["expires_at"]) == ("consent", until)
    shown = house.get(f"/v1/decisions/{said['decision']}").get_json()
    assert shown["action"] == "undo"
    assert shown["notice_version"] == house.form
    # What was never a yes has not become one.
    assert house.ask(ADA, "prospecting.email")["allowed"] is False
    assert "nothing to undo" in read(press(house, path, "undo", page=stopped), 400)


def test_undo_ends_after_a_day_and_after_another_no(house: House, clock: HandClock) -> None:
    house.tell(ADA)
    path = link(house)
    stopped = read(press(house, path, "stop", "newsletter"))
    house.tell(ADA, choices={"newsletter": "refused"})
    assert "nothing to undo" in read(press(house, path, "undo", page=stopped), 400)
    clock.advance(hours=25)
    assert press(house, path, "undo", page=stopped).status_code == 400
    assert house.ask(ADA)["allowed"] is False


def test_nobody_undoes_by_naming_a_decision_of_another_page(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    stopped = read(press(house, path, "stop", "newsletter"))
    (offer,) = [each for each in buttons(stopped) if each["do"] == "undo"]
    later = link(house)
    other = buttons(open_page(house, later))[0]["page"]
    forged = {**offer, "mark": other, "page": other}
    assert "takes a message" in read(
        house.client.post(later, data=forged, headers={"Accept-Language": "en"}), 400
    )
    assert house.why(ADA) == "withdrawn"


@pytest.mark.parametrize("deed", ["allow", "resume", "undo"])
def test_42_the_link_alone_allows_nothing(house: House, deed: str) -> None:
    house.tell(ADA, choices={"newsletter": "refused"})
    path = link(house)
    page = open_page(house, path)
    assert not any(each["do"] == deed for each in buttons(page))
    form = {"page": buttons(page)[0]["page"], "do": deed, "purpose": "newsletter",
            "decision": house.ask(ADA)["decision"]}  # fmt: skip
    before = dump(house)
    assert house.client.post(path, data=form).status_code == 400
    assert dump(house) == before


def test_by_mail_proof_a_yes_is_witnessed_under_the_words_that_stand(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    read(press(house, link(house), "stop_all"))
    clock.advance(minutes=1)
    path = proof(house)
    assert "your yes is recorded" in read(press(house, path, "allow", "newsletter"))
    said = house.ask(ADA)
    assert (said["because"], said["notice_version"]) == ("consent", house.form)
    # Only what she named: the rest of marketing stays stopped.
    assert house.why(ADA, "prospecting.email") == "suppressed"


def test_by_mail_proof_a_mailboxs_click_can_be_undone_for_a_day(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    house.client.post(unsubscribe_link(house), data=ONE_CLICK)
    assert not any(each["do"] == "undo" for each in buttons(open_page(house, link(house))))
    path = proof(house)
    assert [each["do"] for each in buttons(open_page(house, path))].count("undo") == 1
    undone = press(house, path, "undo")
    assert "stands again" in read(undone)
    assert house.why(ADA) == "consent"
    # What was undone is not offered once more.
    assert not any(each["do"] == "undo" for each in buttons(open_page(house, path)))


def test_a_pause_takes_the_link_and_its_end_takes_proof(house: House, clock: HandClock) -> None:
    house.tell(ADA)
    path = link(house)
    assert "a break until" in read(
        press(house, path, "pause", purpose="marketing", **{"for": "P1M"})
    )
    assert house.why(ADA) == "not_now"
    said = read(press(house, path, "pause", purpose="marketing", **{"for": "P7D"}), 400)
    assert "longer break stands" in said
    assert "the break is over" in read(press(house, proof(house), "resume"))
    assert house.why(ADA) == "consent"


def test_a_limit_takes_the_link_and_a_higher_one_takes_proof(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    assert "limit counts" in read(press(house, path, "cap", most="2"))
    assert "takes a message" in read(press(house, path, "cap", most="8"), 400)
    assert "no limit" in read(press(house, proof(house), "cap", most="none"))


def test_tok_4_a_link_opens_for_thirty_days_and_a_proof_for_an_hour(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    path, proved = link(house), proof(house)
    clock.advance(minutes=61)
    assert "Get a new link" in open_page(house, proved)
    clock.advance(days=30)
    page = open_page(house, path)
    assert "Get a new link" in page
    assert "Squared" not in page
    assert house.client.post(path, data={"do": "stop_all"}).status_code == 404


def test_37_a_token_of_another_kind_or_with_a_letter_changed_opens_nothing(
    house: House,
) -> None:
    house.tell(ADA)
    path = link(house)
    token = path.removeprefix("/p/")
    others = [unsubscribe_link(house).removeprefix("/u/"), token[:-1], token + "A", token[1:]]
    others += [
        f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}"
        for at in range(0, len(token), 9)
    ]
    for other in others:
        assert "***" not in open_page(house, f"/p/{other}")
        assert house.client.post(f"/p/{other}", data={"do": "stop_all"}).status_code == 404
    assert house.client.post(f"/u/{token}", data=ONE_CLICK).status_code == 404
    assert house.why(ADA) == "consent"


def test_a_form_of_another_page_or_another_day_changes_nothing(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    path = link(house)
    page = open_page(house, path)
    for form in ({"do": "stop_all"}, {"do": "stop_all", "page": "x.y.z"}):
        assert house.client.post(path, data=form).status_code == 400
    clock.advance(hours=25)
    assert press(house, path, "stop_all", page=page).status_code == 400
    assert house.why(ADA) == "consent"


def test_an_unknown_address_has_a_page_that_says_so_and_becomes_nobody(house: House) -> None:
    page = open_page(house, link(house))
    assert "holds no choice of yours" in page
    assert count(house, "subject") == count(house, "identifier") == 0


def test_who_asked_is_shown_by_system_and_day(house: House) -> None:
    house.tell(ADA)
    house.ask(ADA)
    batches_of(house.client.application).flush()
    house.client.post(
        "/v1/permissions/bulk?purpose=prospecting.email",
        data=f"email\n{ADA['email']}\n",
        content_type="text/csv",
        headers=house.headers,
        buffered=True,
    )
    page = open_page(house, link(house))
    row = page.rpartition("<tbody>")[2]
    assert "23 November 2026" in row
    assert "a test&#39;s" in row
    assert "Squared" in row
    assert "in a list" in row


def test_a_person_with_5000_decisions_is_shown_the_newest_and_finds_the_oldest(
    house: House,
) -> None:
    house.tell(ADA)
    _many(house, 5000)
    path = link(house)
    open_page(house, path)
    before = time.process_time()
    page = open_page(house, path)
    assert time.process_time() - before < 0.3
    assert page.count('class="past"') == 1
    assert "Older decisions" in page
    older = page.rpartition("before=")[2].partition("#")[0]
    assert "Newest decisions" in open_page(house, f"{path}?lang=en&before={older}")


def _many(house: House, number: int) -> None:
    """Copy the decision that was made some thousand times into the past."""
    own = {"organisation_id", "id", "recorded_at"}
    names = ", ".join(each.name for each in Decision.__table__.columns if each.name not in own)
    copy = Sql(
        f"INSERT INTO decision (organisation_id, id, recorded_at, {names})"
        f" SELECT organisation_id, :id, recorded_at - :ago, {names} FROM decision"
        " WHERE id > 6000 LIMIT 1"
    )
    with write(house.organisation) as tx:
        tx.run_many(copy, [{"id": at, "ago": at * 1_000_000} for at in range(1, number + 1)])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"subject": {}}, "/subject"),
        ({"subject": {"email": "no address"}}, "/subject/email"),
        ({"links": [{"subject": ADA}, {"subject": {"phone": "x"}}]}, "/links/1/subject/phone"),
        ({"subject": ADA, "links": [{"subject": ADA}]}, ""),
    ],
)
def test_a_bad_request_for_links_names_its_field(
    house: House, body: dict[str, Any], pointer: str
) -> None:
    answer = house.post("/v1/preference-links", body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]


def test_links_are_made_for_a_whole_mailing(house: House, clock: HandClock) -> None:
    asked = [{"subject": {"email": f"reader{number}@people.example"}} for number in range(300)]
    links = house.post("/v1/preference-links", {"links": asked}).get_json()["links"]
    assert len({each["url"] for each in links}) == 300
    assert links[0]["expires_at"] == house.at(clock() + timedelta(days=30))
    assert count(house, "subject") == 0


def test_every_door_and_every_answer_has_words_in_both_languages() -> None:
    doors = {DOOR, leave.DOOR, CENTRE, "banner", "import", "system", "confirmation", "undo"}
    answers = {"unconfirmed", "granted", *NOES}
    for words in WORDS.values():
        assert {f"door_{each}" for each in doors} <= words.keys()
        assert {f"answer_{each}" for each in answers} <= words.keys()


def test_the_page_asks_the_database_no_more_for_more_purposes(house: House) -> None:
    house.tell(ADA)
    path = link(house)
    with taken_down() as steps:
        open_page(house, path)
    # Eighteen purposes took a hundred questions when each asked for its own pause and cap.
    assert len(steps) < 25
