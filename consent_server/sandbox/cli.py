"""`consent sandbox`: a double of an organisation, to try things out."""

from __future__ import annotations

import click

from ..db import to_json
from ..organisations import Scope
from ..organisations.terminal import ACTOR, json_option, organisation_option, whose
from ..web import current
from .double import double
from .wipe import wipe


@click.group("sandbox")
def sandbox_commands() -> None:
    """Make a double of an organisation to try things out in, and wipe it."""


@sandbox_commands.command("create")
@organisation_option
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope if scope is not Scope.HOST]),
    help="What its key may do; else everything but host.",
)
@json_option
def create(*, organisation: str | None, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make SLUG-sandbox, or bring it in step with the document in force; prints a key."""
    wanted = frozenset(Scope(scope) for scope in scopes) or frozenset(Scope)
    made = double(
        whose(organisation), scopes=wanted, maker=None, actor=ACTOR, now=current.now()
    )
    if as_json:
        click.echo(to_json(made.said()))
        return
    click.echo(made.key)
    word = "created" if made.created else "in step"
    click.echo(f"{made.slug} is {word}. Keep the key now: it is not shown again.", err=True)


@sandbox_commands.command("wipe")
@organisation_option
@click.option("--yes", is_flag=True, help="Do not ask again.")
def wipe_one(*, organisation: str | None, yes: bool) -> None:
    """Empty a sandbox: people, decisions, events and its log; document and keys stay."""
    own = whose(organisation)
    if not yes:
        click.confirm("Everything tried in it is gone for good. Go on?", abort=True)
    wipe(own, actor=ACTOR, now=current.now())
    click.echo("It is empty.")
