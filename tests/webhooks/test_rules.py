"""When a message is tried again, and what an answer means (WH-1, WH-3, WH-4)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.webhooks.rules import DELAYS, TYPES, Outcome, Verdict, judge, wants
from consent_server.webhooks.signing import headers, new_secret, secret_text
from tests.ledger.vectors import VECTORS, needs_vectors

NOW = 1_700_000_000_000_000
DAY = 24 * 3600


def verdict(
    tries: int = 1, status: int | None = 500, retry_after: str | None = None, chance: float = 0
) -> Verdict:
    return judge(tries=tries, status=status, retry_after=retry_after, now=NOW, chance=chance)


def seconds(found: Verdict) -> float:
    assert found.next_at is not None
    return (found.next_at - NOW) / 1_000_000


def test_WH_4_ten_tries_take_75_hours_35_minutes_and_5_seconds() -> None:  # noqa: N802
    assert len(DELAYS) == 10
    assert sum(DELAYS) == 75 * 3600 + 35 * 60 + 5


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_WH_3_only_a_success_is_delivered(status: int) -> None:  # noqa: N802
    assert verdict(status=status).outcome is Outcome.DELIVERED


@pytest.mark.parametrize("status", [None, 100, 301, 302, 307, 308, 400, 404, 429, 500, 503])
def test_WH_3_anything_else_is_tried_again_a_redirect_too(status: int | None) -> None:  # noqa: N802
    assert verdict(status=status).outcome is Outcome.FAILED


def test_WH_3_gone_ends_it_at_once() -> None:  # noqa: N802
    assert verdict(status=410) == Verdict(outcome=Outcome.GONE)


@pytest.mark.parametrize("tries", range(1, 10))
def test_WH_4_each_try_waits_its_delay_and_a_tenth_at_most_of_jitter(tries: int) -> None:  # noqa: N802
    assert seconds(verdict(tries)) == DELAYS[tries]
    assert seconds(verdict(tries, chance=1.0)) == pytest.approx(DELAYS[tries] * 1.1)


def test_WH_4_after_the_tenth_try_it_is_given_up() -> None:  # noqa: N802
    assert verdict(10).outcome is Outcome.EXHAUSTED


@pytest.mark.parametrize("status", [None, 429, 502, 503, 504])
def test_WH_3_a_receiver_in_trouble_is_left_alone(status: int | None) -> None:  # noqa: N802
    assert verdict(status=status).pause
    assert not verdict(status=400).pause


def test_WH_3_retry_after_is_honoured_in_seconds_and_as_a_date() -> None:  # noqa: N802
    assert seconds(verdict(status=429, retry_after="90")) == 90
    date = format_datetime(datetime.fromtimestamp(NOW / 1e6 + 600, UTC), usegmt=True)
    assert seconds(verdict(status=503, retry_after=date)) == pytest.approx(600, abs=1)


def test_WH_3_retry_after_never_shortens_a_delay_nor_lasts_beyond_a_day() -> None:  # noqa: N802
    assert seconds(verdict(tries=3, retry_after="1")) == DELAYS[3]
    assert seconds(verdict(retry_after="999999")) == DAY


@given(st.text(max_size=40), st.integers(1, 9))
def test_no_header_of_a_receiver_breaks_the_schedule(wish: str, tries: int) -> None:
    assert DELAYS[tries] <= seconds(verdict(tries, retry_after=wish)) <= max(DELAYS[tries], DAY)


def test_no_type_named_means_every_type() -> None:
    assert all(wants((), kind) for kind in TYPES)
    assert [kind for kind in TYPES if wants(("consent.withdrawn",), kind)] == [
        "consent.withdrawn",
        "webhook.test",
    ]


@needs_vectors
def test_WH_1_the_public_vector_has_our_signature() -> None:  # noqa: N802
    vector = json.loads((VECTORS / "standard-webhooks" / "vector.json").read_text("utf-8"))
    secret = base64.b64decode(vector["secret"].removeprefix("whsec_"))
    made = headers(
        [secret],
        vector["webhook-id"],
        int(vector["webhook-timestamp"]),
        vector["body"].encode(),
    )
    assert made["webhook-signature"] == vector["webhook-signature"]


def test_WH_1_a_secret_has_enough_bytes_and_its_prefix() -> None:  # noqa: N802
    secret = new_secret()
    assert 24 <= len(secret) <= 64
    assert secret_text(secret).startswith("whsec_")
