"""What a decision announces is what the contract lists, and nothing that changed nothing."""

from __future__ import annotations

import pytest

from consent_server.decisions import Written
from consent_server.decisions.seal_record import announcements
from consent_server.notices import Purpose

WRITTEN = Written(
    id=1, subject=2, receipt="r", recorded_at=3, standing={}, ask_again=(), replayed=False
)
PURPOSE = Purpose(
    id=4,
    slug="newsletter",
    kind="newsletter",
    basis="consent",
    channel="email",
    family="newsletter",
    validity=None,
    proof_period=None,
    assertion="witnessed",
)


@pytest.mark.parametrize(
    ("choice", "types"),
    [
        ({"answer": "yes", "state": "granted", "named": "granted"}, ["consent.granted"]),
        ({"answer": "yes", "state": "superseded", "named": "granted"}, ["consent.superseded"]),
        ({"answer": "no", "state": "refused", "named": "refused"}, ["consent.refused"]),
        ({"answer": "no", "state": "objected", "named": "objected"}, ["consent.objected"]),
        ({"answer": "claimed", "state": "unconfirmed", "named": "granted"}, []),
    ],
)
def test_a_yes_that_waits_to_be_confirmed_is_no_event(
    choice: dict[str, str], types: list[str]
) -> None:
    told = announcements([PURPOSE], WRITTEN, {"4": choice})
    assert [event["type"] for event in told] == types
