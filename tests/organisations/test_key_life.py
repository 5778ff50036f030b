"""A key's life: rates of its own, another secret, last used, exposed, ended by itself."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server import organisations
from consent_server.db import read, write
from consent_server.organisations import NewKey, Scope, key_text, rules
from consent_server.web.batches import batches_of
from tests.support.figures import figure
from tests.support.make import bearer, make_key, make_organisation

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock
    from tests.support.house import House

RATES = st.builds(
    lambda count, unit: f"{count}/{unit}",
    st.integers(1, 10**9 - 1),
    st.sampled_from(["second", "minute", "hour"]),
)
EMAIL = {"email": "ada@people.example"}


def key_id(text: str) -> str:
    given = key_text.read(text)
    assert given is not None
    return given.key_id


def limited(house: House, **quotas: str) -> str:
    wanted = NewKey(name="slow", scopes=frozenset(Scope), quotas=quotas)
    with write(house.organisation) as tx:
        return organisations.create_key(
            tx, house.organisation, wanted, maker=None, now=house.clock()
        )[0]


def shown(house: House, text: str) -> dict[str, Any]:
    keys = house.get("/v1/keys").get_json()["keys"]
    return next(each for each in keys if each["id"] == key_id(text))


# ------------------------------------------------------------------------------- rotation


def test_security_56_both_secrets_work_for_a_day_and_then_only_the_new_one(
    client: FlaskClient, clock: HandClock
) -> None:
    old = make_key(clock, make_organisation(clock))
    path = f"/v1/keys/{key_id(old)}/secret"
    made = client.post(path, json={}, headers=bearer(old))
    assert made.status_code == HTTPStatus.CREATED
    new = made.get_json()["key"]
    assert (key_id(new), new != old) == (key_id(old), True)
    assert client.get("/v1/keys", headers=bearer(old)).status_code == 200
    assert client.get("/v1/keys", headers=bearer(new)).status_code == 200
    clock.advance(days=1)
    assert client.get("/v1/keys", headers=bearer(old)).status_code == 401
    assert client.get("/v1/keys", headers=bearer(new)).status_code == 200


def test_security_56_no_request_is_refused_across_the_change_of_a_secret(
    client: FlaskClient, clock: HandClock
) -> None:
    asked, held = figure(60, 10_000), [make_key(clock, make_organisation(clock))]
    for number in range(asked):
        if number == asked // 2:
            path = f"/v1/keys/{key_id(held[0])}/secret"
            held.append(client.post(path, json={}, headers=bearer(held[0])).get_json()["key"])
        answer = client.get("/v1/keys", headers=bearer(held[number % len(held)]))
        assert answer.status_code == 200
        # One second on: what was remembered of the key is looked up anew.
        clock.advance(seconds=1)


def test_security_56_a_leaked_secret_ends_at_once(
    client: FlaskClient, clock: HandClock
) -> None:
    old = make_key(clock, make_organisation(clock))
    made = client.post(
        f"/v1/keys/{key_id(old)}/secret", json={"at_once": True}, headers=bearer(old)
    )
    assert client.get("/v1/keys", headers=bearer(old)).status_code == 401
    assert client.get("/v1/keys", headers=bearer(made.get_json()["key"])).status_code == 200


def test_security_56_never_more_than_two_secrets_live(
    client: FlaskClient, clock: HandClock
) -> None:
    texts = [make_key(clock, make_organisation(clock))]
    for _ in range(2):
        path = f"/v1/keys/{key_id(texts[0])}/secret"
        texts.append(client.post(path, json={}, headers=bearer(texts[-1])).get_json()["key"])
    alive = [client.get("/v1/keys", headers=bearer(text)).status_code for text in texts]
    assert alive == [401, 200, 200]


def test_security_56_a_secret_made_elsewhere_is_taken_within_the_second_of_memory(
    app: Flask, clock: HandClock
) -> None:
    organisation = make_organisation(clock)
    old = make_key(clock, organisation)
    assert organisations.holder(old, now=clock()) is not None
    kept = dict(app.extensions["consent.kept.api-keys"])
    with write(organisation) as tx:
        new, _ = organisations.rotate_key(
            tx, organisation, key_id(old), at_once=False, maker=None, now=clock()
        )
    # As another process would have it, which has not heard of the change.
    app.extensions["consent.kept.api-keys"].update(kept)
    assert organisations.holder(new, now=clock()) is not None
    assert organisations.holder(old, now=clock()) is not None


def test_a_key_gives_no_new_secret_to_a_stronger_one(
    client: FlaskClient, clock: HandClock
) -> None:
    organisation = make_organisation(clock)
    weak = make_key(clock, organisation, {Scope.KEYS})
    strong = make_key(clock, organisation)
    answer = client.post(f"/v1/keys/{key_id(strong)}/secret", json={}, headers=bearer(weak))
    assert answer.status_code == 403
    assert "key" not in answer.get_json()
    assert client.get("/v1/keys", headers=bearer(strong)).status_code == 200


def test_a_revoked_key_gets_no_new_secret(client: FlaskClient, clock: HandClock) -> None:
    organisation = make_organisation(clock)
    key, other = make_key(clock, organisation), make_key(clock, organisation)
    client.delete(f"/v1/keys/{key_id(other)}", headers=bearer(key))
    answer = client.post(f"/v1/keys/{key_id(other)}/secret", json={}, headers=bearer(key))
    assert answer.status_code == 404


# ------------------------------------------------------------------------ self-revocation


def test_security_58_whoever_holds_a_key_can_end_it_whatever_it_may_do(
    client: FlaskClient, clock: HandClock
) -> None:
    organisation = make_organisation(clock)
    admin = make_key(clock, organisation)
    leaked = make_key(clock, organisation, {Scope.LOOKUP})
    assert client.delete("/v1/keys/self", headers=bearer(leaked)).status_code == 204
    assert client.delete("/v1/keys/self", headers=bearer(leaked)).status_code == 401
    rows = client.get("/v1/keys", headers=bearer(admin)).get_json()["keys"]
    assert [row["id"] for row in rows if row["revoked_at"]] == [key_id(leaked)]
    with read(organisation) as tx:
        did = [(line.action, line.actor) for line in organisations.trail(tx, organisation)]
    assert ("key.revoked", f"key:{key_id(leaked)}") in did


# ------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    "place",
    [
        "/v1/keys?key={}", "/v1/permissions?{}=1", "/w/{}.js", "/n/{}", "/u/{}", "/?x={}",
        "/v1/openapi.json?a=b&token={}", "/nowhere/{}", "/healthz?key={}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoded", [False, True])
def test_security_59_a_key_in_an_address_is_refused_flagged_and_never_repeated(
    client: FlaskClient,
    clock: HandClock,
    capfd: pytest.CaptureFixture[str],
    place: str,
    encoded: bool,
) -> None:
    organisation = make_organisation(clock)
    admin, key = make_key(clock, organisation), make_key(clock, organisation)
    written = key.replace("_", "%5F").replace("c", "%63") if encoded else key
    answer = client.get(place.format(written))
    assert answer.status_code == 400
    secret = key[16:]
    assert secret not in answer.get_data(as_text=True) + str(answer.headers)
    out, err = capfd.readouterr()
    assert secret not in out + err
    rows = client.get("/v1/keys", headers=bearer(admin)).get_json()["keys"]
    assert [row["id"] for row in rows if row["exposed_at"]] == [key_id(key)]
    client.get(place.format(written))
    with read(organisation) as tx:
        did = [line.action for line in organisations.trail(tx, organisation, most=200)]
    assert did.count("key.exposed") == 1


def test_a_made_up_key_in_an_address_is_refused_and_flags_nobody(client: FlaskClient) -> None:
    answer = client.get(f"/v1/docs?key={key_text.mint(sandbox=False)}")
    assert answer.status_code == 400
    assert client.get("/v1/docs?key=cs_live_").status_code == 400


# ------------------------------------------------------------------------------ last used


def test_security_57_the_last_use_is_kept_to_the_hour_in_batches(
    app: Flask, house: House
) -> None:
    key = make_key(house.clock, house.organisation, {Scope.LOOKUP})
    asked = {"subject": EMAIL, "purpose": "newsletter"}
    assert shown(house, key)["last_used_at"] is None
    for _ in range(3):
        from_ = {"REMOTE_ADDR": "198.51.100.77"}
        house.client.post(
            "/v1/permissions", json=asked, headers=bearer(key), environ_base=from_
        )
    assert shown(house, key)["uses"] == 0
    batches_of(app).flush()
    seen = shown(house, key)
    assert (seen["uses"], seen["last_used_from"]) == (3, "198.51.100.0/24")
    assert seen["last_used_at"][14:] == "00:00.000000Z"


def test_what_a_batch_could_not_write_waits_for_the_next_time(app: Flask) -> None:
    written: list[int] = []
    broken = [True]

    def write_some(notes: Any) -> Any:
        if broken[0]:
            raise OSError("away")
        written.extend(notes)
        return ()

    batch = batches_of(app).kind(write_some)
    batch.add(1)
    batch.add(2)
    with pytest.raises(OSError, match="away"):
        batch.flush()
    broken[0] = False
    batch.add(3)
    batch.flush()
    assert written == [1, 2, 3]


def test_a_thread_writes_what_waits_within_moments(app: Flask) -> None:
    seen = threading.Event()

    def write_them(_: Any) -> Any:
        seen.set()
        return ()

    batches = batches_of(app)
    batch = batches.kind(write_them)
    batch.add("before anybody wanted a thread")
    assert not seen.is_set()
    batches.by_itself()
    batch.add("now")
    assert seen.wait(10)
    batches.finish()


# --------------------------------------------------------------------------------- quotas


def test_api_2_a_keys_own_rate_holds_and_is_told_in_every_answer(house: House) -> None:
    key = limited(house, lookups="2/minute")
    asked = {"subject": EMAIL, "purpose": "newsletter"}
    answers = [
        house.client.post("/v1/permissions", json=asked, headers=bearer(key)) for _ in range(4)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[1].headers["RateLimit-Policy"] == '"lookups";q=2;w=60'
    assert answers[1].headers["RateLimit"].startswith('"lookups";r=0;t=')
    assert int(answers[2].headers["Retry-After"]) > 0
    assert answers[2].get_json()["violated-policies"] == ["lookups"]
    # Another key of the same organisation has its own.
    assert house.post("/v1/permissions", asked).status_code == 200


def test_two_keys_have_two_quotas_and_neither_pays_for_the_other(house: House) -> None:
    asked = {"subject": EMAIL, "purpose": "newsletter"}

    def ask(key: str) -> int:
        return house.client.post("/v1/permissions", json=asked, headers=bearer(key)).status_code

    keys = [limited(house, lookups="2/minute"), limited(house, lookups="3/minute")]
    assert [ask(keys[0]) for _ in range(3)] == [200, 200, 429]
    assert [ask(keys[1]) for _ in range(4)] == [200, 200, 200, 429]
    assert ask(house.key) == 200


def test_a_withdrawal_is_never_refused_by_a_quota(house: House) -> None:
    key = limited(house, writes="1/hour")
    house.tell(EMAIL)
    yes, no = house.told(EMAIL), house.told(EMAIL, choices={"newsletter": "withdrawn"})

    def status(body: dict[str, Any]) -> int:
        return house.client.post("/v1/decisions", json=body, headers=bearer(key)).status_code

    assert [status(yes), status(yes)] == [201, 429]
    assert [status(no), status(no), status(yes)] == [201, 201, 429]
    assert not house.ask(EMAIL)["allowed"]


def test_a_key_makes_none_that_is_faster_than_itself(house: House) -> None:
    key = limited(house, lookups="60/minute")

    def made(**quotas: str) -> Any:
        body = {"name": "x", "scopes": ["lookup"], "quotas": quotas}
        return house.client.post("/v1/keys", json=body, headers=bearer(key))

    faster = made(lookups="61/minute")
    assert faster.status_code == 403
    assert faster.get_json()["errors"][0]["pointer"] == "/quotas/lookups"
    assert made(lookups="59/minute").get_json()["quotas"] == {"lookups": "59/minute"}
    assert made().get_json()["quotas"] == {"lookups": "60/minute"}
    assert made(lookups="a lot").status_code == 422
    assert made(pages="1/minute").status_code == 422


@given(wanted=RATES, own=RATES)
def test_no_rate_that_is_allowed_lets_more_through_than_ones_own(wanted: str, own: str) -> None:
    if rules.faster_than({"lookups": wanted}, {"lookups": own}):
        return

    def most_in(rate: str, hours: int) -> int:
        count, unit = rate.split("/")
        return int(count) * hours * {"second": 3600, "minute": 60, "hour": 1}[unit]

    assert most_in(wanted, 2) <= most_in(own, 2)
    assert int(wanted.split("/")[0]) <= int(own.split("/")[0])
