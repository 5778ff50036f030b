"""What must be true after every crash."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

from consent_server.db import engine_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.crash.wire import Body, Chosen, Client

PATIENCE = 60


def answered_again(client: Client, chosen: Sequence[Chosen]) -> None:
    """See that each choice is there: the same body is answered the same, as a repetition."""
    for each in chosen:
        again = client.choose(each.body)
        assert again.status == 201, again.content
        assert again.replayed
        assert again.json == each.answer.json


def integrated(client: Client, decisions: Sequence[Body]) -> None:
    """Wait until each decision has its place in the log."""
    until = time.monotonic() + PATIENCE
    for each in decisions:
        while _place(client, each["receipt"]) != "integrated":
            assert time.monotonic() < until, "pending for too long"
            time.sleep(0.05)


def _place(client: Client, receipt: str) -> str:
    answer = client.get(f"/v1/receipts/{receipt}")
    assert answer.status == 200, answer.content
    return str(answer.json["ledger"])


def told_once(client: Client, decisions: Sequence[Body]) -> None:
    """See that the feed is dense and tells of exactly these decisions, and of each once."""
    events = client.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    told = Counter(
        (event["decision"], event["purpose"]) for event in events if event["decision"]
    )
    expected = Counter((each["id"], slug) for each in decisions for slug in each["standing"])
    assert told == expected


def clean(client: Client) -> None:
    """See that all that is derived follows from the facts, and the log from its entries."""
    said = client.running.deployment.run("fsck")
    assert said.returncode == 0, said.stdout + said.stderr
    said = client.running.deployment.run("ledger", "check")
    assert said.returncode == 0, said.stdout + said.stderr


def briefs_of(client: Client) -> int:
    """Count the briefs that long lists are answered from."""
    url = client.running.deployment.settings.database_url
    engine = create_engine(url, **engine_options(url))
    try:
        with engine.begin() as connection:
            (organisation,) = connection.scalars(
                text("SELECT organisation_id FROM organisation_directory")
            )
            if connection.dialect.name == "postgresql":
                wall = text("SELECT set_config('consent.organisation', :organisation, true)")
                connection.execute(wall, {"organisation": str(organisation)})
            return int(connection.scalar(text("SELECT count(*) FROM brief")) or 0)
    finally:
        engine.dispose()


def lookup_until(client: Client, email: str, *, allowed: bool) -> None:
    """Wait until the lookup says so again, three times running."""
    until = time.monotonic() + PATIENCE
    in_a_row = 0
    while in_a_row < 3:
        answer = client.ask(email)
        right = answer.status == 200 and answer.json["allowed"] is allowed
        in_a_row = in_a_row + 1 if right else 0
        assert time.monotonic() < until, answer.content
        time.sleep(0.05)
