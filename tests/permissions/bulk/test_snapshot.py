"""A snapshot says yes of nobody whom the server denies, and of nobody once it is old."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from click.testing import CliRunner

from consent_server.client import Consent, Snapshot
from consent_server.clock import parse_rfc3339
from consent_server.permissions.bulk.snapshot_cli import snapshot_command
from tests.permissions.bulk.test_agreement import live
from tests.permissions.bulk.test_agreement import person as names_of
from tests.permissions.bulk.test_briefs import SAYS, A, begin, done

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.house import House

PATH = "/v1/permissions/snapshot"
HOUR = timedelta(hours=1)


def take(house: House, purpose: str = "newsletter", **more: Any) -> Snapshot:
    answer = done(house.post(PATH, {"purpose": purpose, **more}))
    return Snapshot.read(answer.get_data(), keys_of(house))


def keys_of(house: House) -> Any:
    return house.client.get("/.well-known/jwks.json").get_json()


def says(house: House, kept: Snapshot, email: str, *, later: timedelta = HOUR / 2) -> bool:
    return bool(kept.may({"email": email}, now=lambda: house.clock() + later))


@pytest.mark.parametrize("with_briefs", [False, True], ids=["facts", "briefs"])
def test_it_says_what_the_server_says(house: House, with_briefs: bool) -> None:
    chance = random.Random(11)
    for number in range(20):
        live(house, chance, number)
    for number in (20, 21):
        done(house.tell({"email": names_of(number)["email"]}))
    if with_briefs:
        begin(house)
    for purpose in ("newsletter", "prospecting.email"):
        kept = take(house, purpose)
        texts = [names_of(number)["email"] for number in range(24)]
        asked = {text: house.ask({"email": text}, purpose)["allowed"] for text in texts}
        assert {text: says(house, kept, text) for text in texts} == asked
        assert purpose != "newsletter" or set(asked.values()) == {True, False}
        assert says(house, kept, f" {texts[0].upper()} ") == asked[texts[0]]
        assert not kept.may({"phone": names_of(1)["phone"]}, now=house.clock)
        for moment in (-HOUR, HOUR, 2 * HOUR):
            assert not any(says(house, kept, text, later=moment) for text in texts)


@pytest.mark.parametrize("with_briefs", [False, True], ids=["facts", "briefs"])
def test_what_ends_before_it_does_is_a_no_from_the_beginning(
    house: House, with_briefs: bool
) -> None:
    done(house.tell({"email": "b@example.org"}))
    done(house.tell(A))
    house.clock.advance(minutes=2)
    done(house.tell({"email": "c@example.org"}))
    end = parse_rfc3339(house.ask(A)["expires_at"])
    house.clock.now = end - timedelta(minutes=30)
    if with_briefs:
        begin(house)
    assert house.ask(A)["allowed"]
    assert not says(house, take(house, max_age=3600), A["email"], later=timedelta(0))
    assert not says(house, take(house, max_age=3600), "b@example.org", later=timedelta(0))
    assert says(house, take(house, max_age=60), A["email"], later=timedelta(0))


def test_whoever_has_a_cap_is_left_out(house: House) -> None:
    done(house.tell(A))
    capped = {
        "subject": A,
        "purpose": "newsletter",
        "source": "meeting",
        "cap": {"most": 9, "within": "P1M"},
    }
    assert says(house, take(house), A["email"])
    done(house.post("/v1/frequency", capped))
    assert house.ask(A)["allowed"]
    assert not says(house, take(house), A["email"])


@pytest.mark.parametrize("purpose", ["prospecting.phone", "analytics", "no.such"])
def test_only_purposes_of_e_mail_have_one(house: House, purpose: str) -> None:
    answer = house.post(PATH, {"purpose": purpose})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/purpose")


def test_every_changed_byte_is_refused(house: House) -> None:
    done(house.tell(A))
    done(house.post("/v1/subjects", {"identifiers": [{"email": "z@example.org"}], **SAYS}))
    kept, keys = take(house), keys_of(house)
    content = kept.content
    assert Snapshot.read(content, keys).may(A, now=house.clock)
    chance = random.Random(2)
    for at in {
        *range(len(content) - 20, len(content)),
        *chance.sample(range(len(content)), 60),
    }:
        changed = bytearray(content)
        changed[at] ^= 1 << chance.randrange(7)
        with pytest.raises(ValueError):  # noqa: PT011 - whichever is found first
            Snapshot.read(bytes(changed), keys)
    for cut in (content[:-16], content + content[-16:], b"", b"\n", content[:40]):
        with pytest.raises(ValueError):  # noqa: PT011
            Snapshot.read(cut, keys)
    with pytest.raises(ValueError, match="not signed"):
        Snapshot.read(content, {"keys": []})


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there", request=request)


def denied(_: httpx.Request) -> httpx.Response:
    return httpx.Response(401, json={"code": "unauthorized"})


def test_the_client_relies_on_it_only_while_no_answer_comes(house: House) -> None:
    # The client reads the machine's clock, and a snapshot is of a moment.
    house.clock.now = datetime.now(UTC) - timedelta(seconds=5)
    done(house.tell(A))
    kept = take(house)
    with Consent("http://localhost:1", "cs_test_x", timeout=0.1, patience=0.1) as consent:
        for transport, expected in ((away, True), (denied, False)):
            consent._http = httpx.Client(transport=httpx.MockTransport(transport))
            assert not consent.may({"email": "b@example.org"}, "newsletter")
            consent.rely_on(kept)
            answer = consent.may(A, "newsletter")
            assert (answer.allowed, answer.trouble is None) == (expected, False)
            assert not consent.may(A, "prospecting.email")
            assert not consent.may(A, "newsletter", channel="phone")
            assert not consent.may({"email": "b@example.org"}, "newsletter")


def test_the_command_writes_it(house: House, tmp_path: Path) -> None:
    done(house.tell(A))
    goal = tmp_path / "yes.snapshot"
    asked = ["--purpose", "newsletter", "-o", str(goal), "--json"]
    told = CliRunner().invoke(snapshot_command, asked)
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["count"] == 1
    assert Snapshot.read(goal.read_bytes(), keys_of(house)).may(A, now=house.clock)
