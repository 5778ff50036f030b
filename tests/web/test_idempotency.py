"""A retry is answered and not repeated, on both engines, from two callers at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785

from consent_server.db import Sql, read, write
from consent_server.problems import LaterNo, Problem
from consent_server.web import idempotency
from consent_server.web.idempotency import KEPT, KeyReused
from tests.support.clock import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

ORGANISATION = 7
BODY = {"choices": {"news": "granted"}, "decided_at": datetime(2026, 11, 22, tzinfo=UTC)}
_COUNT = "SELECT status, body FROM idempotency WHERE organisation_id = :organisation"


class Deed:
    """Something that must happen once."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> tuple[int, dict[str, Any]]:
        self.times += 1
        return 201, {"id": f"dec_{self.times}", "mot": "é"}


def _once(
    act: Callable[[], tuple[int, dict[str, Any]]],
    key: str | None = "k1",
    *,
    now: datetime = NOON,
    **other: Any,
) -> tuple[int, dict[str, Any], bool]:
    place = {"caller_key_id": "key_1", "route": "/v1/decisions", "body": BODY, **other}
    organisation = place.pop("organisation", ORGANISATION)
    with write(organisation) as tx:
        return idempotency.once(
            tx, organisation=organisation, key=key, now=now, act=act, **place
        )


def test_promise_9_no_address_is_guessed_from_what_is_kept_of_a_retry(app: Flask) -> None:
    body = {"subject": {"email": "ada@people.example"}}
    _once(Deed(), key="ada@people.example", body=body)
    with read(ORGANISATION) as tx:
        ((key, mark),) = tx.run(Sql("SELECT key_hash, fingerprint FROM idempotency"))
    # Whoever has the database and guesses right must need the server's key to know it.
    assert bytes(mark) != sha256(rfc8785.dumps(body)).digest()
    assert bytes(key) != sha256(b"key_1|/v1/decisions|ada@people.example").digest()
    assert bytes(mark) == idempotency.fingerprint(body)


def test_a_retry_gets_the_first_answer_and_is_told_so(app: Flask) -> None:
    deed = Deed()

    assert _once(deed) == (201, {"id": "dec_1", "mot": "é"}, False)
    for _ in range(3):
        assert _once(deed) == (201, {"id": "dec_1", "mot": "é"}, True)
    assert deed.times == 1


def test_without_a_key_every_request_is_a_new_one(app: Flask) -> None:
    deed = Deed()
    _once(deed, None)

    assert _once(deed, None) == (201, {"id": "dec_2", "mot": "é"}, False)


def test_the_same_key_with_another_body_is_refused(app: Flask) -> None:
    deed = Deed()
    _once(deed)

    with pytest.raises(KeyReused) as refused:
        _once(deed, body={**BODY, "choices": {"news": "refused"}})
    assert refused.value.status == 422
    assert deed.times == 1


def test_the_same_body_written_in_another_order_is_the_same(app: Flask) -> None:
    deed = Deed()
    _once(deed)

    assert _once(deed, body=dict(reversed(BODY.items())))[2] is True


@pytest.mark.parametrize(
    "other",
    [{"caller_key_id": "key_2"}, {"route": "/v1/subjects"}, {"organisation": 8}, {"key": "k2"}],
)
def test_a_key_counts_for_one_caller_one_route_and_one_organisation(
    app: Flask, other: dict[str, Any]
) -> None:
    deed = Deed()
    _once(deed)

    assert _once(deed, **other)[2] is False
    assert deed.times == 2


def test_a_refused_act_leaves_no_trace_and_may_be_tried_again(app: Flask) -> None:
    def refuse() -> tuple[int, dict[str, Any]]:
        raise LaterNo

    with pytest.raises(LaterNo):
        _once(refuse)
    assert _once(Deed())[2] is False


def test_after_thirty_days_the_key_is_free(app: Flask) -> None:
    deed = Deed()
    _once(deed)

    assert _once(deed, now=NOON + KEPT - timedelta(seconds=1))[2] is True
    assert _once(deed, now=NOON + KEPT, body={"other": 1})[1]["id"] == "dec_2"
    assert _once(deed, now=NOON + KEPT, body={"other": 1})[2] is True


def test_old_keys_are_forgotten(app: Flask) -> None:
    _once(Deed(), "old")
    _once(Deed(), "new", now=NOON + timedelta(days=1))
    with write(ORGANISATION) as tx:
        idempotency.forget(tx, ORGANISATION, NOON + KEPT)

    with read(ORGANISATION) as tx:
        rows = tx.run(Sql(_COUNT), {"organisation": ORGANISATION})
    assert len(rows) == 1


def test_two_callers_at_once_cause_one_act(app: Flask) -> None:
    inside, go_on = threading.Event(), threading.Event()
    deed = Deed()
    answers: list[tuple[int, dict[str, Any], bool]] = []

    def slow() -> tuple[int, dict[str, Any]]:
        inside.set()
        go_on.wait(10)
        return deed()

    def call(act: Callable[[], tuple[int, dict[str, Any]]]) -> None:
        with app.app_context():
            answers.append(_once(act))

    first = threading.Thread(target=call, args=(slow,))
    second = threading.Thread(target=call, args=(deed,))
    first.start()
    assert inside.wait(10)
    second.start()
    go_on.set()
    first.join(20)
    second.join(20)

    assert deed.times == 1
    assert sorted(replayed for _, _, replayed in answers) == [False, True]


@pytest.mark.parametrize(
    ("sent", "key"),
    [('"abc"', "abc"), ("abc", "abc"), (" abc ", "abc"), (None, None), ("a" * 255, "a" * 255)],
)
def test_a_key_may_be_quoted_or_bare(app: Flask, sent: str | None, key: str | None) -> None:
    headers = {} if sent is None else {"Idempotency-Key": sent}
    with app.test_request_context("/", headers=headers):
        assert idempotency.key_sent() == key


@pytest.mark.parametrize("sent", ["", '""', "a b", '"a', "é", "a" * 256])
def test_a_key_that_is_no_key_is_refused(app: Flask, sent: str) -> None:
    with (
        app.test_request_context("/", headers={"Idempotency-Key": sent}),
        pytest.raises(Problem) as refused,
    ):
        idempotency.key_sent()
    assert refused.value.status == 400


def test_keys_are_kept_as_hashes(app: Flask) -> None:
    _once(Deed(), "jeanne.martin@example.com")

    with read(ORGANISATION) as tx:
        sql = Sql("SELECT * FROM idempotency WHERE organisation_id = :organisation")
        rows = tx.run(sql, {"organisation": ORGANISATION})
    assert "jeanne" not in repr(rows)
