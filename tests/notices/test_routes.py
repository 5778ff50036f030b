"""Configuration by machine: read with its state named, changed only when that still holds."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from consent_server import notices, organisations
from consent_server.db import read
from consent_server.ids import public
from consent_server.organisations import Scope
from tests.support.document import apply, item, plain
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.support.clock import HandClock

CONFIGURING = {Scope.CONFIGURE}


@pytest.fixture
def headers(client: FlaskClient, clock: HandClock) -> dict[str, str]:
    """Give the key of an organisation that has applied its document."""
    return bearer(make_key(clock, apply(clock).organisation, CONFIGURING))


@pytest.fixture
def other(client: FlaskClient, clock: HandClock) -> dict[str, str]:
    """Give the key of another organisation, which has applied a document of its own."""

    def rename(document: dict[str, Any]) -> None:
        document["organisation"]["slug"] = "another"

    return bearer(make_key(clock, apply(clock, rename).organisation, CONFIGURING))


def with_match(headers: dict[str, str], answer: TestResponse) -> dict[str, str]:
    return {**headers, "If-Match": answer.headers["ETag"]}


ITEMS = ["/v1/purposes/newsletter", "/v1/trackers/{tracker}", "/v1/sites/www"]


def address(path: str) -> str:
    return path.format(tracker=plain()["trackers"][0]["slug"])


@pytest.mark.parametrize("path", [*ITEMS, "/v1/organisations/cubalys"])
def test_api_4_a_state_that_is_known_is_not_sent_again(
    client: FlaskClient, headers: dict[str, str], path: str
) -> None:
    first = client.get(address(path), headers=headers)
    assert first.status_code == 200
    tag = first.headers["ETag"]
    again = client.get(address(path), headers={**headers, "If-None-Match": tag})
    assert again.status_code == 304
    assert again.get_data() == b""
    assert again.headers["ETag"] == tag


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize("path", [*ITEMS, "/v1/organisations/cubalys"])
def test_api_4_a_change_names_the_state_it_changes(
    client: FlaskClient, headers: dict[str, str], path: str, method: str
) -> None:
    body = client.get(address(path), headers=headers).get_json()
    change = getattr(client, method)
    assert change(address(path), json=body, headers=headers).status_code == 428
    stale = {**headers, "If-Match": '"stale"'}
    assert change(address(path), json=body, headers=stale).status_code == 412


@pytest.mark.parametrize("path", [*ITEMS, "/v1/organisations/cubalys"])
def test_what_is_read_can_be_sent_back_and_changes_nothing(
    client: FlaskClient, headers: dict[str, str], path: str
) -> None:
    first = client.get(address(path), headers=headers)
    put = client.put(address(path), json=first.get_json(), headers=with_match(headers, first))
    assert put.status_code == 200
    assert put.headers["ETag"] == first.headers["ETag"]
    assert client.get(address(path), headers=headers).get_json() == first.get_json()


def test_a_purpose_changes_at_once_and_its_words_when_published(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    path = "/v1/purposes/analytics"
    before = client.get(path, headers=headers)
    patch = {"text": {"en": "We count pages, and now also clicks."}}
    changed = client.patch(path, json=patch, headers=with_match(headers, before))
    assert changed.status_code == 200
    assert changed.get_json()["text"]["fr"] == before.get_json()["text"]["fr"]
    notice = "/v1/notices/site-banner"
    draft = client.get(f"{notice}/draft", headers=headers).get_json()
    assert draft["publishing"]["judgement"] == "material"
    assert draft["publishing"]["touched"] == ["analytics"]
    assert client.get(notice, headers=headers).get_json()["floors"]["analytics"] == 1
    made = client.post(f"{notice}/versions", json={}, headers=headers)
    assert made.status_code == 201
    assert made.get_json()["number"] == 2
    assert client.get(notice, headers=headers).get_json()["floors"] == {
        "necessary": 1,
        "analytics": 2,
        "advertising": 1,
        "video": 1,
    }


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        pytest.param(ITEMS[0], {"basis": "concent"}, "/basis", id="a word unknown"),
        pytest.param(ITEMS[0], {"validty": "P1Y"}, "/validty", id="a field misspelt"),
        pytest.param(ITEMS[0], {"slug": "letters"}, "/slug", id="another slug"),
        pytest.param(ITEMS[0], {"id": "pur_0000000000001"}, "/id", id="another id"),
        pytest.param(
            ITEMS[0], {"title": {"fr": "Lettre", "en": 7}}, "/title/en", id="a number"
        ),
        pytest.param(ITEMS[1], {"country": "Narnia"}, "/country", id="no such country"),
        pytest.param(ITEMS[2], {"origins": ["https://a.example/x"]}, "/origins/0", id="a path"),
    ],
)
def test_a_bad_change_names_its_field_and_keeps_nothing(
    client: FlaskClient, headers: dict[str, str], path: str, body: dict[str, Any], pointer: str
) -> None:
    before = client.get(address(path), headers=headers)
    answer = client.patch(address(path), json=body, headers=with_match(headers, before))
    assert answer.status_code == 422
    assert pointer in {fault["pointer"] for fault in answer.get_json()["errors"]}
    assert client.get(address(path), headers=headers).get_json() == before.get_json()


def test_a_draft_is_shown_to_nobody_until_it_is_published(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    path = "/v1/notices/site-banner/draft"
    before = client.get(path, headers=headers)
    words = before.get_json()["words"]
    words["en"]["title"] = "Something else entirely"
    put = client.put(path, json={"words": words}, headers=with_match(headers, before))
    assert put.status_code == 200
    assert put.get_json()["publishing"]["differs"]
    listed = client.get("/v1/notices/site-banner/versions", headers=headers).get_json()
    assert [one["number"] for one in listed["versions"]] == [1]
    stale = client.put(path, json={"words": words}, headers=with_match(headers, before))
    assert stale.status_code == 412


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"fr": {"title": "Seul"}}, id="a part missing"),
        pytest.param({"fr": {"title": "<b>", "intro": "y"}}, id="markup"),
        pytest.param({"de": {"title": "Eins", "intro": "Zwei"}}, id="a foreign language"),
    ],
)
def test_a_draft_is_checked_as_a_file_is(
    client: FlaskClient, headers: dict[str, str], change: dict[str, Any]
) -> None:
    path = "/v1/notices/site-banner/draft"
    before = client.get(path, headers=headers)
    words = {**before.get_json()["words"], **change}
    put = client.put(path, json={"words": words}, headers=with_match(headers, before))
    assert put.status_code == 422
    assert all(fault["pointer"].startswith("/words") for fault in put.get_json()["errors"])


def test_publishing_the_same_again_is_refused(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = client.post("/v1/notices/site-banner/versions", json={}, headers=headers)
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "nothing_to_publish"


def test_the_author_may_ask_again_where_the_rules_would_not(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    path = "/v1/notices/site-banner/versions"
    made = client.post(path, json={"ask_again": ["video"]}, headers=headers)
    assert made.status_code == 201
    said = made.get_json()
    assert (said["judgement"], said["touched"]) == ("material", ["video"])
    assert {reason["code"] for reason in said["because"]} == {"author"}
    unknown = client.post(path, json={"ask_again": ["newsletter"]}, headers=headers)
    assert unknown.status_code == 422
    assert unknown.get_json()["errors"][0]["pointer"] == "/ask_again"


def test_api_3_a_retry_publishes_once(client: FlaskClient, headers: dict[str, str]) -> None:
    path = "/v1/notices/site-banner/versions"
    keyed = {**headers, "Idempotency-Key": "once"}
    first = client.post(path, json={"ask_again": ["video"]}, headers=keyed)
    again = client.post(path, json={"ask_again": ["video"]}, headers=keyed)
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(client.get(path, headers=headers).get_json()["versions"]) == 2


def test_a_document_by_machine_is_the_file(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    path = "/v1/organisations/cubalys"
    before = client.get(path, headers=headers)
    assert before.get_json() == plain()
    document = deepcopy(before.get_json())
    item(document, "notices", "site-banner")["words"]["en"]["title"] = "YOUR TRACES, YOUR RULES"
    tried = client.put(
        f"{path}?dry_run=true", json=document, headers=with_match(headers, before)
    )
    assert [one["slug"] for one in tried.get_json()["published"]] == ["site-banner"]
    assert client.get(path, headers=headers).get_json() == before.get_json()
    put = client.put(path, json=document, headers=with_match(headers, before))
    assert put.get_json()["published"][0]["judgement"] == "editorial"
    assert client.get(path, headers=headers).headers["ETag"] == put.headers["ETag"]


def test_a_document_with_mistakes_names_them_all(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    path = "/v1/organisations/cubalys"
    before = client.get(path, headers=headers)
    document = before.get_json()
    document["organisation"]["country"] = "Narnia"
    document["purposes"][1]["basis"] = "concent"
    put = client.put(path, json=document, headers=with_match(headers, before))
    assert put.status_code == 422
    pointers = {fault["pointer"] for fault in put.get_json()["errors"]}
    assert {"/organisation/country", "/purposes/1/basis"} <= pointers


def test_a_host_creates_an_organisation_and_gets_its_first_key(
    client: FlaskClient, clock: HandClock
) -> None:
    host = make_key(clock, make_organisation(clock))
    made = client.post("/v1/organisations", json=plain(), headers=bearer(host))
    assert made.status_code == 201
    key = made.get_json()["key"]
    own = client.get("/v1/organisations", headers=bearer(key)).get_json()["organisations"]
    assert [one["slug"] for one in own] == ["cubalys"]
    every = client.get("/v1/organisations", headers=bearer(host)).get_json()["organisations"]
    assert len(every) == 2
    taken = client.post("/v1/organisations", json=plain(), headers=bearer(host))
    assert taken.status_code == 409
    assert taken.get_json()["code"] == "slug_taken"
    refused = client.post("/v1/organisations", json=plain(), headers=bearer(key))
    assert refused.status_code == 403


FOREIGN = [
    ("get", "/v1/organisations/{organisation}", "/v1/organisations/org_0000000000001"),
    ("get", "/v1/organisations/cubalys", "/v1/organisations/nobody"),
    ("get", "/v1/purposes/{purpose}", "/v1/purposes/pur_0000000000001"),
    ("get", "/v1/trackers/{tracker}", "/v1/trackers/trk_0000000000001"),
    ("get", "/v1/sites/{site}", "/v1/sites/site_0000000000001"),
    ("get", "/v1/notices/{notice}", "/v1/notices/ntc_0000000000001"),
    ("get", "/v1/notices/{notice}/draft", "/v1/notices/ntc_0000000000001/draft"),
    ("get", "/v1/notices/{notice}/versions", "/v1/notices/ntc_0000000000001/versions"),
]


def test_foreign_and_absent_are_the_same_404_byte_for_byte(
    client: FlaskClient, headers: dict[str, str], other: dict[str, str]
) -> None:
    with read() as outside:
        organisation = organisations.find(outside, "cubalys")
    assert organisation is not None
    ids = {
        "organisation": public("org", organisation),
        **{
            name: client.get(path, headers=headers).get_json()["id"]
            for name, path in (
                ("purpose", "/v1/purposes/newsletter"),
                ("tracker", address(ITEMS[1])),
                ("site", "/v1/sites/www"),
                ("notice", "/v1/notices/site-banner"),
            )
        },
    }
    for method, foreign, absent in FOREIGN:
        theirs = getattr(client, method)(foreign.format(**ids), headers=other)
        nobodys = getattr(client, method)(absent, headers=other)
        assert theirs.status_code == nobodys.status_code == 404, foreign
        assert theirs.get_data() == nobodys.get_data()


def test_every_look_and_change_is_in_the_trail(
    client: FlaskClient, headers: dict[str, str], clock: HandClock
) -> None:
    before = client.get("/v1/purposes/analytics", headers=headers)
    client.patch(
        "/v1/purposes/analytics",
        json={"text": {"en": "Another text."}},
        headers=with_match(headers, before),
    )
    client.get("/v1/notices", headers=headers)
    with read() as outside:
        organisation = organisations.find(outside, "cubalys") or 0
    with read(organisation) as tx:
        lines = [line.action for line in organisations.trail(tx, organisation, most=1000)]
        found = notices.configuration(tx, organisation)
    assert lines.count("catalogue.revised") == 2
    assert {"purposes.seen", "notices.listed", "notice.published"} <= set(lines)
    analytics = found.purpose("analytics")
    assert analytics is not None
    assert analytics.text["en"] == "Another text."
