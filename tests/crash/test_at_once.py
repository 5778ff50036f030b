"""Many at once: nobody is locked out, and the same thing sent often happens once."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from tests.crash import checks
from tests.crash.wire import Client, Writers, at_once
from tests.support.figures import figure

if TYPE_CHECKING:
    from tests.crash.wire import Body

CROWD = 16
# A hundred thousand requests in all, each sent by sixteen.
ROUNDS = figure(6, 3125)
WRITES = 400


def test_security_22_sixteen_writers_are_all_served_while_the_worker_works(
    busy: Client,
) -> None:
    with Writers(busy, threads=CROWD) as writers:
        writers.wait_for(WRITES)
    assert [each.answer.status for each in writers.refused] == []
    assert writers.unanswered == []
    checks.integrated(busy, [each.answer.json for each in writers.acknowledged])
    deployment = busy.running.deployment
    assert "locked" not in deployment.last_words()
    assert "does not answer" not in deployment.last_words()


def test_security_16_one_choice_sent_by_sixteen_at_once_is_recorded_once(busy: Client) -> None:
    written: list[Body] = []
    for _ in range(ROUNDS):
        body = busy.running.choice()
        answers = at_once([partial(busy.choose, body)] * CROWD)
        assert {answer.status for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert sum(not answer.replayed for answer in answers) == 1
        written.append(answers[0].json)
    _happened_once(busy, written)


def test_security_16_one_idempotency_key_sent_by_sixteen_at_once_acts_once(
    busy: Client,
) -> None:
    written: list[Body] = []
    for _ in range(ROUNDS):
        key = secrets.token_urlsafe(12)
        body = {
            "subject": {"email": f"{secrets.token_hex(6)}@people.example"},
            "choices": {"newsletter": "granted"},
            "notice_version": busy.running.form,
            "source": "website-form",
            "assertion": "witnessed",
        }
        send = partial(busy.post, "/v1/decisions", body, Idempotency_Key=key)
        answers = at_once([send] * CROWD)
        assert {answer.status for answer in answers} == {201}, answers
        assert len({answer.content for answer in answers}) == 1
        assert sum(not answer.replayed for answer in answers) == 1
        written.append(answers[0].json)
    _happened_once(busy, written)


def _happened_once(client: Client, written: list[Body]) -> None:
    checks.integrated(client, written)
    told: dict[str, list[Body]] = {}
    for event in client.events():
        told.setdefault(event["subject"], []).append(event)
    for each in written:
        events = told[each["subject"]]
        assert {event["decision"] for event in events} == {each["id"]}
        purposes = [event["purpose"] for event in events]
        assert sorted(purposes) == sorted(each["standing"])
