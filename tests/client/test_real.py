"""The client against a real server, also one that dies in the middle."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from consent_server.client import AsyncConsent, Consent, Refused, Unavailable
from tests.support.running import somebody

if TYPE_CHECKING:
    from tests.support.running import Running

PURPOSE = "newsletter"


def test_a_whole_story_by_the_client_alone(running: Running, consent: Consent) -> None:
    who = {"email": somebody(), "external_id": somebody()}
    one = {"external_id": who["external_id"]}
    begun = max((event.seq for event in consent.events()), default=0)
    assert consent.may(one, PURPOSE).because == "never_asked"
    told = consent.decide(
        who, {PURPOSE: "granted"}, source="website-form", notice_version=running.form
    )
    assert told.standing == {PURPOSE: "granted"}
    may = consent.may(one, PURPOSE, clearance=True)
    assert may
    assert (may.because, may.decision) == ("consent", told.id)
    assert may.clearance
    each = consent.may_each(one, [PURPOSE, "prospecting.phone", "no.such"])
    assert [bool(answer) for answer in each.values()] == [True, False, False]
    link = consent.unsubscribe_link(one, PURPOSE)
    assert link.headers["List-Unsubscribe"] == f"<{link.url}>"
    left = consent.decide(who, {PURPOSE: "refused"}, source="telephone", assertion="asserted")
    assert left.standing == {PURPOSE: "withdrawn"}
    assert not consent.may(one, PURPOSE)
    assert consent.know([one], "crm", capacity="professional") == told.subject
    until = time.monotonic() + 20
    seen: list[str] = []
    while len(seen) < 2 and time.monotonic() < until:
        seen = [
            event.type
            for event in consent.events(begun)
            if event.subject == told.subject and event.decision
        ]
    assert seen == ["consent.granted", "consent.withdrawn"]


def test_contacts_and_suppressions_by_the_client(running: Running, consent: Consent) -> None:
    who = {"email": somebody()}
    consent.know([who], "meeting", relationships=[{"kind": "prospect"}])
    told = running.command("subjects", "show", who["email"], "--json")
    assert json.loads(told)["suppressions"] == []
    consent.touch(who, "click", source="newsletter")
    consent.attempt(who, "phone", source="call-centre", outcome="refused")
    kinds = {each["kind"] for each in _facts(running, who["email"])}
    assert {"contact", "attempt"} <= kinds
    consent.suppress(who, "marketing", reason="asked")
    assert consent.may(who, PURPOSE).because == "suppressed"
    # Said again, by whoever is not sure that it arrived, it is the same.
    consent.suppress(who, "marketing", reason="asked")
    shown = json.loads(running.command("subjects", "show", who["email"], "--json"))
    assert [each["scope"] for each in shown["suppressions"]] == ["marketing"]
    with pytest.raises(Refused) as refused:
        consent.touch(who, "open", source="newsletter")
    assert refused.value.status == 422


def _facts(running: Running, email: str) -> list[dict[str, str]]:
    shown = json.loads(running.command("subjects", "show", email, "--json"))
    facts: list[dict[str, str]] = shown["facts"]
    return facts


def test_the_feed_is_followed_for_as_long_as_one_likes(
    running: Running, consent: Consent
) -> None:
    begun = max((event.seq for event in consent.events()), default=0)
    email = somebody()
    timer = threading.Timer(0.5, lambda: running.agree(email))
    timer.start()
    event = next(consent.events(begun, follow=True, wait=10))
    timer.join()
    assert (event.type, event.standing) == ("consent.granted", "granted")


def test_a_refusal_says_why_and_names_nobody(running: Running, consent: Consent) -> None:
    email = somebody()
    with pytest.raises(Refused) as told:
        consent.decide({"email": email}, {"no.such": "granted"}, source="website-form")
    assert (told.value.status, told.value.code) == (422, "unprocessable")
    assert told.value.errors[0]["pointer"] == "/choices/no.such"
    assert email not in str(told.value)


def test_the_same_client_for_async_programs(running: Running) -> None:
    async def story() -> tuple[bool, bool, int]:
        base = running.deployment.base_url
        who = {"email": somebody()}
        async with AsyncConsent(base, running.key) as consent:
            before = await consent.may(who, PURPOSE)
            await consent.decide(
                who, {PURPOSE: "granted"}, source="website-form", notice_version=running.form
            )
            many = await asyncio.gather(*(consent.may(who, PURPOSE) for _ in range(20)))
            assert (await consent.unsubscribe_link(who, PURPOSE)).url
            events = [event async for event in consent.events()]
            kept = await consent.take_snapshot(PURPOSE)
        async with AsyncConsent("http://127.0.0.1:1", running.key, patience=0.1) as consent:
            # Nobody is there to be asked.
            assert not await consent.may(who, PURPOSE)
            consent.rely_on(kept)
            assert (await consent.may(who, PURPOSE)).because == "snapshot"
            assert not await consent.may({"email": somebody()}, PURPOSE)
        async with AsyncConsent(base, "cs_test_nobody") as consent:
            with pytest.raises(Unavailable):
                await consent.take_snapshot(PURPOSE)
            return bool(before), all(many), len(events)

    # In a thread of its own: a browser driven earlier in this process keeps a loop in ours.
    with ThreadPoolExecutor(1) as elsewhere:
        before, after, events = elsewhere.submit(lambda: asyncio.run(story())).result()
    assert (before, after) == (False, True)
    assert events > 0


def test_a_key_that_is_no_more_answers_no(running: Running) -> None:
    made = running.post("/v1/keys", {"name": "x", "scopes": ["lookup"]}, status=201)
    with Consent(running.deployment.base_url, made["key"]) as consent:
        email = somebody()
        running.agree(email)
        assert consent.may({"email": email}, PURPOSE)
        running.http.delete("/v1/keys/self", headers={"Authorization": f"Bearer {made['key']}"})
        time.sleep(1.1)
        may = consent.may({"email": email}, PURPOSE)
        assert (may.allowed, may.because) == (False, "unavailable")
        assert "401" in (may.trouble or "")


def test_neither_key_nor_address_reaches_a_log(
    running: Running, consent: Consent, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    email = somebody()
    consent.may({"email": email}, PURPOSE)
    with pytest.raises(Refused):
        consent.decide({"email": email}, {"no.such": "granted"}, source="x")
    assert caplog.text
    assert running.key not in caplog.text
    assert email not in caplog.text


def test_a_server_that_dies_answers_no_and_doubles_nothing_when_it_comes_back(
    running: Running,
) -> None:
    deployment = running.deployment
    told = Telling(running)
    with Consent(deployment.base_url, running.key, patience=1) as hasty:
        assert hasty.may(told.who, PURPOSE)
        assert deployment.server is not None
        with told:
            deployment.server.kill()
            begun = time.monotonic()
            may = hasty.may(told.who, PURPOSE)
            assert (may.allowed, may.because) == (False, "unavailable")
            with pytest.raises(Unavailable):
                hasty.know([told.who], "crm")
            assert time.monotonic() - begun < 10
            told.enough.set()
            deployment.start_server()
            deployment.wait_until_ready()
        assert not hasty.may(told.who, PURPOSE)
    # Each that was acknowledged is there once, and nothing beside them.
    assert sorted(told.noes_in_the_feed()) == sorted(told.acknowledged)


class Telling:
    """Three threads that say no again and again, patiently, through a client of their own."""

    def __init__(self, running: Running) -> None:
        self.who = {"email": somebody()}
        self.subject = running.agree(self.who["email"])["subject"]
        self.enough = threading.Event()
        self.acknowledged: list[str] = []
        self._consent = Consent(running.deployment.base_url, running.key, patience=60)
        self._threads = [threading.Thread(target=self._tell) for _ in range(3)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()
        while len(self.acknowledged) < 5:
            time.sleep(0.01)

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self._threads:
            thread.join()

    def _tell(self) -> None:
        while not self.enough.is_set():
            said = self._consent.decide(
                self.who, {PURPOSE: "refused"}, source="telephone", assertion="asserted"
            )
            self.acknowledged.append(said.id)

    def noes_in_the_feed(self) -> list[str]:
        until = time.monotonic() + 20
        found: list[str] = []
        while len(found) < len(self.acknowledged) and time.monotonic() < until:
            found = [
                event.decision or ""
                for event in self._consent.events()
                if event.subject == self.subject and event.standing in {"withdrawn", "refused"}
            ]
        self._consent.close()
        return found
