"""`consent lookup`: may we contact her?"""

from __future__ import annotations

import click

from .. import db, notices, organisations
from ..db import to_json
from ..ids import public
from ..organisations.terminal import ACTOR
from ..problems import NotFound, Unprocessable
from ..subjects import NotAnIdentifier
from ..subjects.read import region_of
from ..web import current
from .explain import explain_reason
from .lookup import Question, answer
from .schemas import KINDS


@click.command("lookup")
@click.argument("organisation")
@click.argument("identifier")
@click.argument("purpose")
@click.option(
    "--kind", type=click.Choice(KINDS), help="What the identifier is; guessed if not said."
)
@click.option("--channel", help="With the name of a family: on which channel.")
@click.option("--lang", "language", type=click.Choice(("en", "fr")), default="en")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def lookup_command(
    *,
    organisation: str,
    identifier: str,
    purpose: str,
    kind: str | None,
    channel: str | None,
    language: str,
    as_json: bool,
) -> None:
    """May ORGANISATION contact IDENTIFIER for PURPOSE? Answers with the reason."""
    with db.read() as tx:
        number = organisations.find(tx, organisation)
    if number is None:
        raise NotFound("there is no such organisation")
    with db.read(number) as tx:
        region = region_of(notices.configuration(tx, number))
    question = Question(purpose=purpose, channel=channel)
    try:
        (said,) = answer(
            organisations.keys_of(number),
            kind or _guess(identifier),
            identifier,
            [question],
            region=region,
            now=current.now(),
        )
    except NotAnIdentifier as error:
        raise Unprocessable(str(error)) from None
    with db.write(number) as tx:
        organisations.audit(
            tx,
            organisation=number,
            actor=ACTOR,
            action="permission.asked",
            target=public("org", number),
            now=current.now(),
        )
    if as_json:
        click.echo(to_json(said))
        return
    click.echo(explain_reason(said["because"], language))
    for name in ("because", "regime", "basis", "since", "expires_at", "decision"):
        if said[name] is not None:
            click.echo(f"  {name:<10} {said[name]}")


def _guess(identifier: str) -> str:
    if "@" in identifier:
        return "email"
    if identifier.lstrip("+").replace(" ", "").isdecimal():
        return "phone"
    return "external_id"
