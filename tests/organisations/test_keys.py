"""API keys: recognised offline, kept as hashes, never stronger than their maker."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server import organisations
from consent_server.db import Sql, read, write
from consent_server.organisations import NewKey, Scope, key_text
from tests.support.figures import figure
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_minted_key_reads_back_and_says_where_it_is_for() -> None:
    live, test = key_text.mint(sandbox=False), key_text.mint(sandbox=True)
    assert live.startswith("cs_live_")
    assert test.startswith("cs_test_")
    assert key_text.read(live) is not None
    assert key_text.read(test) is not None


def test_security_53_every_single_wrong_letter_is_noticed() -> None:
    text = key_text.mint(sandbox=False)
    for place in range(8, len(text)):
        for letter in LETTERS:
            changed = f"{text[:place]}{letter}{text[place + 1 :]}"
            assert (key_text.read(changed) is None) == (changed != text)


def test_security_53_junk_of_a_keys_shape_is_refused_without_a_query(clock: HandClock) -> None:
    # There is no application here, so that a question to its database would be an error.
    dice, length = random.Random(53), len(key_text.mint(sandbox=False)) - 8
    for _ in range(figure(5_000, 1_000_000)):
        junk = f"cs_live_{''.join(dice.choices(LETTERS, k=length))}"
        assert organisations.holder(junk, now=clock()) is None


@given(st.text(max_size=80))
def test_junk_is_never_a_key(text: str) -> None:
    assert key_text.read(text) is None
    assert key_text.read(f"cs_live_{text}") is None


def test_security_54_only_a_hash_of_a_key_is_kept(app: Flask, clock: HandClock) -> None:
    organisation = make_organisation(clock)
    text = make_key(clock, organisation)
    with read(organisation) as tx:
        rows = tx.run(Sql("SELECT * FROM api_key"))
    secret = text[16:]
    assert len(rows) == 1
    assert all(
        secret not in str(cell) and secret.encode() not in bytes(str(cell), "utf-8")
        for cell in rows[0]
    )
    given = key_text.read(text)
    assert given is not None
    assert organisations.holder(text, now=clock()) is not None


def test_a_key_with_another_secret_is_nobodys(app: Flask, clock: HandClock) -> None:
    text = make_key(clock, make_organisation(clock))
    other = key_text.mint(sandbox=False)
    body = text[:16] + other[16:59]
    forged = body + key_text._checksum(body)
    assert key_text.read(forged) is not None
    assert organisations.holder(forged, now=clock()) is None


def test_a_key_dies_when_it_expires(app: Flask, clock: HandClock) -> None:
    organisation = make_organisation(clock)
    wanted = NewKey(name="short", scopes=frozenset({Scope.LOOKUP}), expires_at=clock.advance())
    clock.advance(days=-1)
    with write(organisation) as tx:
        text, _ = organisations.create_key(tx, organisation, wanted, maker=None, now=clock())
    assert organisations.holder(text, now=clock()) is not None
    clock.advance(days=1)
    assert organisations.holder(text, now=clock()) is None


def test_a_sandbox_hands_out_test_keys(app: Flask, clock: HandClock) -> None:
    sandbox = make_organisation(clock, sandbox=True)
    assert make_key(clock, sandbox).startswith("cs_test_")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="no key"),
        pytest.param(bearer("nonsense"), 401, id="junk"),
        pytest.param(bearer(key_text.mint(sandbox=False)), 401, id="a key nobody made"),
        pytest.param({"Authorization": "Basic eDp5"}, 401, id="another scheme"),
    ],
)
def test_without_a_known_key_the_door_is_closed_and_says_how_to_knock(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    answer = client.get("/v1/keys", headers=headers)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_security_55_a_key_without_the_scope_is_refused(
    client: FlaskClient, clock: HandClock
) -> None:
    key = make_key(clock, make_organisation(clock), {Scope.LOOKUP})
    answer = client.get("/v1/keys", headers=bearer(key))
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "missing_scope"


@pytest.mark.parametrize("query", ["key={}", "{}=", "key=other&key={}"])
def test_a_key_in_an_address_is_refused(
    client: FlaskClient, clock: HandClock, query: str
) -> None:
    key = make_key(clock, make_organisation(clock))
    answer = client.get(f"/v1/keys?{query.format(key)}", headers=bearer(key))
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "key_in_address"


def test_a_new_key_is_shown_once_and_works(client: FlaskClient, clock: HandClock) -> None:
    key = make_key(clock, make_organisation(clock))
    made = client.post(
        "/v1/keys", json={"name": "mailer", "scopes": ["lookup", "keys"]}, headers=bearer(key)
    )
    assert made.status_code == 201
    text = made.get_json()["key"]
    listed = client.get("/v1/keys", headers=bearer(text))
    assert listed.status_code == 200
    assert {one["name"] for one in listed.get_json()["keys"]} == {"a test's", "mailer"}
    assert text not in listed.get_data(as_text=True)


def test_security_55_a_key_cannot_give_what_it_does_not_have(
    client: FlaskClient, clock: HandClock
) -> None:
    organisation = make_organisation(clock)
    key = make_key(clock, organisation, {Scope.KEYS, Scope.LOOKUP})
    answer = client.post(
        "/v1/keys", json={"name": "more", "scopes": ["lookup", "host"]}, headers=bearer(key)
    )
    assert answer.status_code == 403
    assert answer.get_json()["errors"][0]["pointer"] == "/scopes"
    with read(organisation) as tx:
        assert len(organisations.keys_listed(tx, organisation)) == 1


def test_a_revoked_key_is_refused_at_once_here(client: FlaskClient, clock: HandClock) -> None:
    organisation = make_organisation(clock)
    key = make_key(clock, organisation)
    other = make_key(clock, organisation, {Scope.KEYS})
    assert client.get("/v1/keys", headers=bearer(other)).status_code == 200
    given = key_text.read(other)
    assert given is not None
    assert client.delete(f"/v1/keys/{given.key_id}", headers=bearer(key)).status_code == 204
    assert client.get("/v1/keys", headers=bearer(other)).status_code == 401
    again = client.delete(f"/v1/keys/{given.key_id}", headers=bearer(key))
    assert again.status_code == 204


def test_the_key_of_another_and_a_key_that_never_was_are_the_same_404(
    client: FlaskClient, clock: HandClock
) -> None:
    mine = make_key(clock, make_organisation(clock))
    theirs = key_text.read(make_key(clock, make_organisation(clock)))
    assert theirs is not None
    foreign = client.delete(f"/v1/keys/{theirs.key_id}", headers=bearer(mine))
    absent = client.delete("/v1/keys/key_00000000", headers=bearer(mine))
    assert foreign.status_code == absent.status_code == 404
    assert foreign.get_data() == absent.get_data()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({"scopes": ["lookup"]}, "/name", id="no name"),
        pytest.param({"name": "x", "scopes": []}, "/scopes", id="no scope"),
        pytest.param({"name": "x", "scopes": ["all"]}, "/scopes/0", id="an unknown scope"),
        pytest.param({"name": "x", "scopes": ["lookup"], "role": "y"}, "/role", id="more"),
        pytest.param(
            {"name": "x", "scopes": ["lookup"], "expires_at": "2001-01-01T00:00:00Z"},
            "/expires_at",
            id="expired already",
        ),
    ],
)
def test_a_bad_wish_names_its_field(
    client: FlaskClient, clock: HandClock, body: dict[str, object], pointer: str
) -> None:
    key = make_key(clock, make_organisation(clock))
    answer = client.post("/v1/keys", json=body, headers=bearer(key))
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer
