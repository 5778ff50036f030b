"""The client's manners without a socket: retried alike, in time, and in doubt a no."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.client import Consent, Permission, Refused, Unavailable, calls
from consent_server.client.exchange import Came, Send, Sleep, exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consent_server.client.exchange import Call

KEY = "cs_live_" + "0" * 57
ADA = {"email": "ada@people.example"}
YES = {"allowed": True, "because": "consent", "purpose": "newsletter"}
ASK = calls.may(ADA, "newsletter", None, clearance=False)
TELL = calls.decide(ADA, {"newsletter": "refused"}, source="form", assertion="witnessed")
WRITTEN = {
    "id": "dec_1", "subject": "sub_1", "receipt": "r", "recorded_at": "t", "token": "x",
    "standing": {"newsletter": "refused"},
}  # fmt: skip


def came(status: int | None, body: Any = None, **headers: str) -> Came:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Came(status, {k.replace("_", "-"): v for k, v in headers.items()}, content)


class Played:
    """Carries a call out against answers that are given beforehand, on a clock of its own."""

    def __init__(self, call: Call[Any], answers: Sequence[Came], patience: float = 15) -> None:
        self.now = 0.0
        self.sent: list[Send] = []
        self.slept: list[float] = []
        self.error: Exception | None = None
        steps = exchange(call, patience=patience, timeout=5, clock=lambda: self.now)
        waiting = list(answers)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    self.sent.append(step)
                    step = steps.send(waiting.pop(0) if waiting else came(None))
                else:
                    assert isinstance(step, Sleep)
                    self.slept.append(step.seconds)
                    self.now += step.seconds
                    step = steps.send(Came(None))
        except StopIteration as end:
            self.value = end.value
        except (Refused, Unavailable) as error:
            self.error = error


def test_a_write_is_sent_again_byte_for_byte_under_the_same_key() -> None:
    played = Played(TELL, [came(None), came(503), came(201, WRITTEN)])
    assert played.value.standing == {"newsletter": "refused"}
    assert len(played.sent) == 3
    assert len({(each.content, each.headers["Idempotency-Key"]) for each in played.sent}) == 1
    other = Played(TELL, [came(201, WRITTEN)])
    assert other.sent[0].headers["Idempotency-Key"] != played.sent[0].headers["Idempotency-Key"]


def test_the_server_says_how_long_to_wait() -> None:
    played = Played(ASK, [came(429, {}, retry_after="3"), came(200, YES)])
    assert played.slept == [3.0]
    assert played.value.allowed is True


def test_waiting_grows_and_ends_in_time() -> None:
    played = Played(ASK, [], patience=20)
    assert played.now < 20
    # Spread by half, so one may be shorter than the one before it: they double all the same.
    for number, slept in enumerate(played.slept):
        longest = min(10, 0.1 * 2**number)
        assert longest / 2 <= slept <= longest
    assert played.slept[-1] > 10 * played.slept[0]
    assert played.value == Permission.doubt("no answer came", "newsletter")


def test_a_wish_beyond_ones_patience_ends_it_at_once() -> None:
    played = Played(TELL, [came(429, {"code": "too_many_requests"}, retry_after="3600")])
    assert played.slept == []
    assert isinstance(played.error, Unavailable)
    assert "too_many_requests" in str(played.error)


def test_a_refusal_is_not_tried_again_and_says_why() -> None:
    problem = {
        "code": "later_no",
        "title": "A later no stands",
        "standing": {"newsletter": "withdrawn"},
    }
    played = Played(TELL, [came(409, problem)])
    assert len(played.sent) == 1
    assert isinstance(played.error, Refused)
    assert (played.error.status, played.error.code) == (409, "later_no")
    assert played.error.standing == {"newsletter": "withdrawn"}


@pytest.mark.parametrize(
    "answer",
    [
        came(200, b"<html>a proxy's page</html>"),
        came(200, b""),
        came(200, {}),
        came(200, []),
        came(200, {"allowed": "true", "because": "consent"}),
        came(200, {"allowed": 1, "because": "consent"}),
        came(200, {"allowed": True}),
        came(200, {"allowed": True, "because": ""}),
        came(200, {"allowed": True, "because": "withdrawn"}),
        came(200, b"[" * 100_000),
        came(301, YES, location="https://elsewhere.example"),
        came(401, {"code": "unauthorized"}),
        came(403, {"code": "missing_scope"}),
        came(422, {"code": "unprocessable"}),
    ],
)  # fmt: skip
def test_whatever_is_no_clear_yes_is_a_no(answer: Came) -> None:
    played = Played(ASK, [answer])
    assert (played.value.allowed, played.value.because) == (False, "unavailable")
    assert not played.value
    assert played.value.trouble
    each = Played(calls.may_each(ADA, ["newsletter", "analytics"]), [answer])
    assert {one.allowed for one in each.value.values()} == {False}
    assert set(each.value) == {"newsletter", "analytics"}


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["allowed", "because", "permissions", "x"]), inner),
))  # fmt: skip
def test_no_answer_however_strange_raises_or_allows_without_a_plain_yes(body: Any) -> None:
    value = Played(ASK, [came(200, body)]).value
    plain = isinstance(body, dict) and body.get("allowed") is True and body.get("because")
    assert value.allowed == (bool(plain) and isinstance(body["because"], str))


def test_fewer_answers_than_questions_are_noes() -> None:
    call = calls.may_each(ADA, ["newsletter", "analytics"])
    value = Played(call, [came(200, {"permissions": [YES]})]).value
    assert [each.allowed for each in value.values()] == [False, False]


def test_the_key_is_shown_to_nobody() -> None:
    client = Consent("https://consent.example", KEY)
    assert "0000" not in repr(client) + str(client)
    client.close()
    refused = Played(TELL, [came(401, {"code": "unauthorized"})]).error
    assert "ada" not in str(refused) + repr(refused)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("http://consent.example", KEY),
        ("ftp://consent.example", KEY),
        ("https://consent.example", "secret"),
        ("https://consent.example", KEY + "é"),
    ],
)
def test_a_key_does_not_travel_open_and_looks_like_one(address: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"https|cs_live") as told:
        Consent(address, key)
    assert "secret" not in str(told.value)
