"""`consent webhooks`: who is told what, and whether it arrived."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..db import Transaction, to_json, write
from ..organisations.terminal import (
    ACTOR,
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..outgoing import RefusedAddress, read_url
from ..problems import NotFound
from ..web import current
from . import hooks, queue
from .attempts import log_of_tries
from .rules import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..organisations.terminal import Columns


@click.group("webhooks")
def webhooks_commands() -> None:
    """Say who is told of events, and see whether it arrived."""


@contextmanager
def _one(organisation: str | None, webhook: str) -> Iterator[tuple[Transaction, hooks.Hook]]:
    own = whose(organisation)
    try:
        with write(own) as tx:
            yield tx, hooks.find(tx, own, webhook)
    except NotFound:
        raise click.ClickException(f"No webhook is called {webhook}.") from None


@webhooks_commands.command("list")
@organisation_option
@json_option
def list_hooks(*, organisation: str | None, as_json: bool) -> None:
    """List the receivers, what waits for each, and which were given up."""
    own = whose(organisation)
    with write(own) as tx:
        rows = hooks.shown(tx, own)
        looked(tx, own, "webhooks.listed")
    columns: Columns = {
        "webhook": "id",
        "address": "url",
        "events": lambda row: " ".join(row["events"]) or "all",
        "reached": "reached",
        "waiting": "waiting",
        "state": lambda row: f"given up: {row['disabled']}" if row["disabled"] else "on",
    }
    show_rows(rows, columns, as_json=as_json, empty="Nobody is told of events yet.")


@webhooks_commands.command("add")
@click.argument("url")
@organisation_option
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice(TYPES),
    help="Which; else all of them.",
)
@json_option
def add_hook(
    *, url: str, organisation: str | None, events: tuple[str, ...], as_json: bool
) -> None:
    """Tell an address of what happens from now on, and print its secret, this once."""
    try:
        read_url(url, allowed=current.settings().callable)
    except RefusedAddress as error:
        raise click.BadParameter(f"{error}.", param_hint="URL") from None
    own = whose(organisation)
    with write(own) as tx:
        made = hooks.add(tx, own, url, events, actor=ACTOR, now=current.now())
    if as_json:
        click.echo(to_json(made))
        return
    click.echo(f"{made['id']}\n{made['secret']}")
    click.echo("Keep the secret now: it is not shown again.", err=True)


@webhooks_commands.command("remove")
@click.argument("webhook")
@organisation_option
def remove_hook(*, webhook: str, organisation: str | None) -> None:
    """Send nothing more to a receiver, for good."""
    with _one(organisation, webhook) as (tx, hook):
        hooks.close(tx, hook, actor=ACTOR, now=current.now())
    click.echo("Nothing more is sent to it.")


@webhooks_commands.command("secret")
@click.argument("webhook")
@organisation_option
@click.option("--at-once", is_flag=True, help="The old one leaked: it signs no more.")
@json_option
def new_secret(*, webhook: str, organisation: str | None, at_once: bool, as_json: bool) -> None:
    """Replace the secret; for a day the old one signs beside the new one."""
    with _one(organisation, webhook) as (tx, hook):
        made = hooks.replace_secret(tx, hook, at_once=at_once, actor=ACTOR, now=current.now())
    if as_json:
        click.echo(to_json(made))
        return
    click.echo(made["secret"])
    click.echo(f"The old one signs until {made['old_until']}.", err=True)


@webhooks_commands.command("test")
@click.argument("webhook")
@organisation_option
def test_hook(*, webhook: str, organisation: str | None) -> None:
    """Let the worker send a test message."""
    with _one(organisation, webhook) as (tx, hook):
        queue.add_test(tx, hook, actor=ACTOR, now=current.now())
    click.echo(f"It is on its way: see `consent webhooks deliveries {webhook}`.")


@webhooks_commands.command("replay")
@click.argument("webhook")
@click.option(
    "--after", type=click.IntRange(min=0), required=True, help="A number of the feed."
)
@organisation_option
def replay_hook(*, webhook: str, after: int, organisation: str | None) -> None:
    """Send again what follows a number of the feed, each under the id it had."""
    with _one(organisation, webhook) as (tx, hook):
        begin = queue.replay(tx, hook, after, actor=ACTOR, now=current.now())
    click.echo(f"Sending again what follows {begin}.")


@webhooks_commands.command("enable")
@click.argument("webhook")
@organisation_option
def enable_hook(*, webhook: str, organisation: str | None) -> None:
    """Set a receiver going again that was given up."""
    with _one(organisation, webhook) as (tx, hook):
        hooks.go_on(tx, hook, actor=ACTOR, now=current.now())
    click.echo("It is told again; nothing that waited was lost.")


@webhooks_commands.command("deliveries")
@click.argument("webhook")
@click.option("--most", type=click.IntRange(1, 200), default=50, show_default=True)
@organisation_option
@json_option
def list_tries(*, webhook: str, most: int, organisation: str | None, as_json: bool) -> None:
    """List the latest tries, newest first."""
    with _one(organisation, webhook) as (tx, hook):
        rows = log_of_tries(tx, hook, most)
        looked(tx, hook.organisation, "webhook.deliveries_listed", webhook)
    columns: Columns = {
        "at": "at",
        "event": "event",
        "seq": "seq",
        "try": "try",
        "status": "status",
        "outcome": "outcome",
        "ms": "took_ms",
    }
    show_rows(rows, columns, as_json=as_json, empty="Nothing was sent yet.")
