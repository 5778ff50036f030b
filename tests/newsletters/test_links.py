"""Links by the API: the two headers, one link for one identifier and scope, for good."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from itsdangerous import Signer, URLSafeTimedSerializer

from consent_server.app import create_app
from consent_server.db import db
from consent_server.fsck import check_all
from consent_server.newsletters.cli import rotate_command
from consent_server.newsletters.many import make_all
from tests.newsletters.world import ADA, ONE_CLICK, count, link
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from consent_server.config import Settings
    from tests.support.clock import HandClock
    from tests.support.house import House

ZOE = {"email": "zoe.marchetti@people.example"}
PATH = "/v1/unsubscribe-links"


def test_uns_1_the_answer_holds_the_address_and_both_headers_exactly(house: House) -> None:
    answer = house.post(PATH, {"subject": ADA, "purpose": "newsletter"})
    assert answer.status_code == 201
    given = answer.get_json()
    assert given["url"].startswith("http://127.0.0.1:")
    assert given == {
        "url": given["url"],
        "headers": {
            "List-Unsubscribe": f"<{given['url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }


def test_a_list_of_links_is_answered_in_its_order(house: House) -> None:
    asked = [
        {"subject": {"email": f"reader{number}@people.example"}, "purpose": purpose}
        for number in range(20)
        for purpose in ("newsletter", "marketing")
    ]
    first = house.post(PATH, {"links": asked}).get_json()["links"]
    assert len({each["url"] for each in first}) == 40
    again = house.post(PATH, {"links": asked[::-1]}).get_json()["links"]
    assert again == first[::-1]
    assert count(house, "unsubscribe_link") == 40
    house.integrate()
    assert list(check_all()) == []


def test_the_same_identifier_however_written_has_the_same_link(house: House) -> None:
    path = link(house, {"email": "Ada.Lindqvist@People.Example"})
    assert link(house) == path
    purpose = house.post(PATH, {"subject": ADA, "purpose": "newsletter"}).get_json()
    assert urlsplit(purpose["url"]).path == path
    assert link(house, purpose="newsletter.professional") != path


def test_an_unknown_address_becomes_a_subject_without_a_yes(house: House) -> None:
    link(house)
    assert house.why(ADA) == "never_asked"
    assert house.why(ADA, "newsletter.professional") == "information_missing"


@pytest.mark.parametrize(
    "subject",
    [
        {"phone": "+33 1 99 00 12 34"},
        {"external_id": "C-1042"},
        {"visitor": "v" * 22},
        {"email": "ada.lindqvist@people.example", "external_id": "C-1042"},
    ],
)
def test_every_kind_of_identifier_has_links(house: House, subject: dict[str, str]) -> None:
    path = link(house, subject, "prospecting.phone")
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    kind, text = next(iter(subject.items()))
    assert house.why({kind: text}, "prospecting.phone") == "refused"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"subject": ADA, "purpose": "no.such.purpose"}, "/purpose"),
        ({"subject": ADA, "purpose": "necessary"}, "/purpose"),
        ({"subject": ADA, "purpose": "accounting"}, "/purpose"),
        ({"subject": {"email": "+33 1 99 00"}, "purpose": "newsletter"}, "/subject/email"),
        ({"links": [{"subject": {"phone": "a@b.example"}, "purpose": "newsletter"}]},
         "/links/0/subject/phone"),
        ({"links": [{"subject": ADA, "purpose": "newsletter"},
                    {"subject": ADA, "purpose": "nope"}]}, "/links/1/purpose"),
        ({"subject": {}, "purpose": "newsletter"}, "/subject"),
        ({"subject": ADA}, ""),
        ({"links": []}, "/links"),
        ({"links": [{"subject": ADA, "purpose": "newsletter"}], "purpose": "newsletter"}, ""),
        ({"subject": ADA, "purpose": "newsletter", "colour": "red"}, "/colour"),
    ],
)  # fmt: skip
def test_a_bad_request_names_its_field_and_writes_nothing(
    house: House, body: dict[str, Any], pointer: str
) -> None:
    answer = house.post(PATH, body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
    assert count(house, "unsubscribe_link") == count(house, "subject") == 0


def test_more_than_ten_thousand_links_are_asked_in_lines(house: House) -> None:
    one = {"subject": ADA, "purpose": "newsletter"}
    assert house.post(PATH, {"links": [one] * 10_001}).status_code == 422
    assert house.post(PATH, {"links": [one] * 10_000}).status_code == 201
    assert count(house, "unsubscribe_link") == 1


def test_only_a_key_with_the_scope_links_makes_links(house: House, clock: HandClock) -> None:
    body = {"subject": ADA, "purpose": "newsletter"}
    assert house.client.post(PATH, json=body).status_code == 401
    weak = bearer(make_key(clock, house.organisation, {"lookup"}))  # type: ignore[arg-type] # its value
    assert house.client.post(PATH, json=body, headers=weak).status_code == 403


def test_two_organisations_have_their_own_links_and_subjects(
    house: House, clock: HandClock
) -> None:
    path = link(house)
    other = bearer(make_key(clock, make_organisation(clock)))
    answer = house.client.post(
        PATH, json={"subject": ADA, "purpose": "marketing"}, headers=other
    )
    assert urlsplit(answer.get_json()["url"]).path != path
    house.client.post(urlsplit(answer.get_json()["url"]).path, data=ONE_CLICK)
    house.tell(ADA)
    assert house.why(ADA) == "consent"


def test_tok_1_the_token_is_random_and_says_nothing_of_the_address(house: House) -> None:
    paths = [link(house, {"email": f"r{number}@people.example"}) for number in range(50)]
    names = [path.removeprefix("/u/").partition(".")[0] for path in paths]
    assert len(set(names)) == 50
    # 22 letters of 6 bits hold the 128 random bits.
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", name) for name in names)
    hashed = hashlib.sha256(b"r0@people.example").hexdigest()
    assert not any("people" in path or hashed[:8] in path for path in paths)


def test_tok_2_the_token_is_signed_with_sha_256_by_the_newest_key(
    house: House, settings: Settings
) -> None:
    token = link(house).removeprefix("/u/")
    (key,) = house.client.application.extensions["consent.keyring"].token_keys
    signer = Signer(key, salt=b"unsub.v1", key_derivation="hmac", digest_method=hashlib.sha256)
    assert signer.unsign(token).decode() == token.partition(".")[0]
    assert len(token) <= 75


def test_tok_3_a_token_made_for_another_use_is_no_page(house: House) -> None:
    token = link(house).removeprefix("/u/")
    name = token.partition(".")[0]
    (key,) = house.client.application.extensions["consent.keyring"].token_keys
    options: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    for salt in (b"prefs.v1", b"doi.v1", b"unsub.page.v1", b"itsdangerous"):
        other = Signer(key, salt=salt, **options).sign(name).decode()
        page = house.client.get(f"/u/{other}").get_data(as_text=True)
        assert "Cubalys" not in page
    timed = URLSafeTimedSerializer(key, salt="unsub.v1", signer_kwargs=options).dumps("x")
    assert house.client.post(f"/u/{timed}", data=ONE_CLICK).status_code == 404


def test_tok_4_a_link_works_after_five_years(house: House, clock: HandClock) -> None:
    path = link(house)
    clock.advance(days=5 * 366)
    house.key = make_key(clock, house.organisation)
    house.tell(ADA)
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert house.why(ADA) == "withdrawn"


def test_tok_5_links_of_older_keys_still_show_and_withdraw_and_the_newest_signs(
    house: House, settings: Settings, clock: HandClock
) -> None:
    house.tell(ADA)
    path = link(house)
    keys = settings.keys / "token.keys"
    for number in range(3):
        fresh = hashlib.sha256(f"rotation {number}".encode()).digest()
        line = b64encode(fresh) + b"\n"
        keys.write_bytes(keys.read_bytes() + line)
    rotated = create_app(settings, clock=clock)
    with rotated.app_context():
        client = rotated.test_client()
        assert "Cubalys" in client.get(path).get_data(as_text=True)
        asked = {"subject": ADA, "purpose": "newsletter"}
        newer = client.post(PATH, json=asked, headers=house.headers).get_json()["url"]
        assert urlsplit(newer).path.partition(".")[0] == path.partition(".")[0]
        assert urlsplit(newer).path != path
        newest = rotated.extensions["consent.keyring"].token_keys[-1]
        signer = Signer(
            newest, salt=b"unsub.v1", key_derivation="hmac", digest_method=hashlib.sha256
        )
        assert signer.validate(urlsplit(newer).path.removeprefix("/u/"))
        assert client.post(path, data=ONE_CLICK).status_code == 200
        db.engine.dispose()
    assert house.why(ADA) == "withdrawn"


def test_tok_5_when_the_signing_keys_are_thrown_away_links_still_withdraw_and_show_nothing(
    house: House, settings: Settings, clock: HandClock
) -> None:
    house.tell(ADA)
    path = link(house)
    fresh = b64encode(hashlib.sha256(b"another").digest()) + b"\n"
    (settings.keys / "token.keys").write_bytes(fresh)
    rotated = create_app(settings, clock=clock)
    with rotated.app_context():
        client = rotated.test_client()
        assert "Cubalys" not in client.get(path).get_data(as_text=True)
        assert client.post(path, data=ONE_CLICK).status_code == 200
        db.engine.dispose()
    assert house.why(ADA) == "withdrawn"


def _lines(house: House, *lines: bytes) -> list[dict[str, Any]]:
    headers = {**house.headers, "Content-Type": "application/x-ndjson"}
    answer = house.client.post(PATH, data=b"\n".join(lines), headers=headers)
    assert answer.status_code == 200
    assert answer.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in answer.get_data().splitlines()]


def _asked(email: str, purpose: str = "newsletter") -> bytes:
    return json.dumps({"subject": {"email": email}, "purpose": purpose}).encode()


def test_lines_are_answered_by_as_many_lines_and_a_bad_one_stops_nobody(house: House) -> None:
    bad = [b"nonsense", b'{"subject": {"email": "a@b.example"}}', _asked("no address"),
           _asked("a@b.example", "no.such.purpose"), b'{"a":1,"a":2}']  # fmt: skip
    answers = _lines(house, _asked("ada.lindqvist@people.example"), *bad, _asked(ZOE["email"]))
    assert [urlsplit(answers[at]["url"]).path for at in (0, -1)] == [
        link(house),
        link(house, ZOE),
    ]
    faults = [answer["error"]["pointer"] for answer in answers[1:-1]]
    assert faults == ["", "/purpose", "/subject/email", "/purpose", ""]
    assert b"no address" not in json.dumps(answers).encode()
    assert count(house, "subject") == 2


def test_lines_are_answered_for_more_than_one_transaction_holds(house: House) -> None:
    asked = [_asked(f"reader{number % 700}@people.example") for number in range(1400)]
    answers = _lines(house, *asked)
    assert len({answer["url"] for answer in answers}) == count(house, "unsubscribe_link") == 700
    assert answers[:700] == answers[700:]
    house.integrate()
    assert list(check_all()) == []


def test_a_line_that_names_two_people_is_refused_at_its_place(house: House) -> None:
    for who in (ADA, {"external_id": "C-1042"}):
        house.tell(who)
    both = json.dumps({"subject": {**ADA, "external_id": "C-1042"}, "purpose": "newsletter"})
    refused, given = _lines(house, both.encode(), _asked(ZOE["email"]))
    assert refused["error"]["pointer"] == "/subject"
    assert given["url"]


def test_a_list_is_made_in_parts_and_asked_again_it_is_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[int] = []

    def counted(tx: Any, keys: Any, wanted: list[Any], **more: Any) -> Any:
        parts.append(len(wanted))
        return make_all(tx, keys, wanted, **more)

    monkeypatch.setattr("consent_server.newsletters.ask.make_all", counted)
    for who in (ADA, {"external_id": "C-1042"}):
        house.tell(who)
    asked = [
        {"subject": {"email": f"reader{number}@people.example"}, "purpose": "newsletter"}
        for number in range(600)
    ]
    two = {"subject": {**ADA, "external_id": "C-1042"}, "purpose": "newsletter"}
    assert house.post(PATH, {"links": [*asked, two]}).status_code == 409
    # Each in a transaction of its own: nobody who writes meanwhile waits for all of them.
    assert parts == [500, 101]

    def under_one_key(links: list[dict[str, Any]]) -> TestResponse:
        headers = {**house.headers, "Idempotency-Key": "october"}
        return house.client.post(PATH, json={"links": links}, headers=headers)

    first = under_one_key(asked)
    assert count(house, "unsubscribe_link") == 600
    again = under_one_key(asked)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == first.get_json() == house.post(PATH, {"links": asked}).get_json()
    assert under_one_key(asked[:1]).status_code == 422


def test_two_mailings_at_once_to_the_same_strangers_make_each_link_once(house: House) -> None:
    app = house.client.application
    asked = [
        {"subject": {"email": f"reader{number}@people.example"}, "purpose": "newsletter"}
        for number in range(50)
    ]

    def mail(turn: int) -> list[str]:
        body = {"links": asked if turn % 2 else asked[::-1]}
        answer = app.test_client().post(PATH, json=body, headers=house.headers)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return sorted(each["url"] for each in answer.get_json()["links"])

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(mail, range(4)))
    assert answers == answers[:1] * 4
    assert count(house, "unsubscribe_link") == count(house, "subject") == 50


def test_tok_5_a_command_rotates_the_key_and_another_ends_what_a_leaked_one_signed(
    house: House, settings: Settings
) -> None:
    house.tell(ADA)
    path = link(house)
    keys = settings.keys / "token.keys"
    for more, shown, lines in (([], True, 2), ([], True, 3), (["--leaked"], False, 1)):
        assert CliRunner().invoke(rotate_command, more).exit_code == 0
        assert len(keys.read_bytes().split()) == lines
        assert keys.stat().st_mode & 0o777 == 0o600
        # The server that runs heard of it.
        assert ("Cubalys" in house.client.get(path).get_data(as_text=True)) is shown
        assert link(house) != path
    assert house.client.post(path, data=ONE_CLICK).status_code == 200
    assert house.why(ADA) == "withdrawn"


def test_tok_5_a_file_of_keys_spoilt_under_a_running_server_stops_nobody(
    house: House, settings: Settings
) -> None:
    path = link(house)
    keys = settings.keys / "token.keys"
    for spoil in (lambda: keys.write_bytes(b"no key"), keys.unlink):
        spoil()
        assert "Cubalys" in house.client.get(path).get_data(as_text=True)
        assert link(house) == path
