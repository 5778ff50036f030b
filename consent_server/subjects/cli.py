"""`consent contacts`: what a person did last, and our attempts to reach her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import notices
from ..clock import to_micros
from ..db import to_json, write
from ..organisations import keys_of, log_of
from ..organisations.terminal import ACTOR, MOMENT, json_option, organisation_option, whose
from ..web import current
from .contacts import ContactBook
from .identifiers import KINDS, guess_kind
from .schemas import OUTCOMES, REACHING, TOUCHES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@click.group("contacts")
def contacts_commands() -> None:
    """Say who reached whom, and when."""


def _about(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command what every contact says."""
    for option in (
        json_option,
        click.option("--source", default="command line", help="Who says so."),
        click.option("--at", type=MOMENT, help="When it was; now if not said."),
        click.option("--kind", type=click.Choice(KINDS), help="What IDENTIFIER is; guessed."),
        organisation_option,
        click.argument("identifier"),
    ):
        command = option(command)
    return command


@contacts_commands.command("touch")
@click.option("--as", "deed", type=click.Choice(TOUCHES), required=True, help="What she did.")
@_about
def touch(*, deed: str, **about: Any) -> None:
    """Record that a person was in touch: retention counts from the last time."""
    _record(ContactBook.touch, {"kind": deed}, **about)


@contacts_commands.command("attempt")
@click.option("--channel", type=click.Choice(REACHING), required=True)
@click.option("--outcome", type=click.Choice(OUTCOMES))
@_about
def attempt(*, channel: str, outcome: str | None, **about: Any) -> None:
    """Record that we tried to reach a person: frequency rules count it."""
    told = {"channel": channel, **({"outcome": outcome} if outcome else {})}
    _record(ContactBook.attempt, told, **about)


def _record(
    deed: Callable[..., dict[str, Any]],
    told: dict[str, Any],
    *,
    identifier: str,
    kind: str | None,
    organisation: str | None,
    at: datetime | None,
    source: str,
    as_json: bool,
) -> None:
    own = whose(organisation)
    body = {"subject": {kind or guess_kind(identifier): identifier}, "source": source, **told}
    with write(own) as tx:
        book = ContactBook(
            tx,
            keys_of(own, tx),
            notices.configuration(tx, own),
            log_of(tx, own),
            ACTOR,
            to_micros(current.now()),
        )
        said = deed(book, {**body, **({"at": at} if at else {})})
    click.echo(to_json(said) if as_json else f"Recorded of {said['subject']}, {said['at']}.")
