"""`consent lookup`: may we contact her?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from .. import db, notices, organisations
from ..db import to_json
from ..ids import public
from ..organisations.terminal import (
    MOMENT,
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..problems import NotFound, Unprocessable
from ..subjects import NotAnIdentifier, guess_kind
from ..subjects.holdings import meant
from ..subjects.read import region_of
from ..subjects.terminal import kind_option, named
from ..web import current
from .explain import explain_reason
from .lookup import Question, answer
from .schemas import KINDS
from .who_asked import who_asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..organisations.terminal import Columns


@click.command("lookup")
@click.argument("organisation")
@click.argument("identifier")
@click.argument("purpose")
@click.option(
    "--kind", type=click.Choice(KINDS), help="What the identifier is; guessed if not said."
)
@click.option("--channel", help="With the name of a family: on which channel.")
@click.option("--at", type=MOMENT, help="As of a past moment, from what was known then.")
@click.option("--known-now", is_flag=True, help="With --at: from what is known today.")
@click.option("--explain", is_flag=True, help="Tell the facts behind the answer, in order.")
@click.option("--lang", "language", type=click.Choice(("en", "fr")), default="en")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def lookup_command(
    *,
    organisation: str,
    identifier: str,
    kind: str | None,
    language: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """May ORGANISATION contact IDENTIFIER for PURPOSE? Answers with the reason."""
    with db.read() as tx:
        number = organisations.find(tx, organisation)
    if number is None:
        raise NotFound("there is no such organisation")
    said = _answered(number, kind or guess_kind(identifier), identifier, _question(**asked))
    with db.write(number) as tx:
        looked(tx, number, "permission.asked")
    if as_json:
        click.echo(to_json(said))
    else:
        _show(said, language)


_ASKED: Final[Columns] = {
    "DAY": "day",
    "WHO": lambda row: row["name"] or row["key"],
    "PURPOSE": "purpose",
    "ANSWER": lambda row: "yes" if row["allowed"] else "no",
    "TIMES": "count",
}
_LISTS: Final[Columns] = {
    "LIST FOR": "purpose",
    "AT": "at",
    "WHO": lambda row: row["name"] or row["key"],
    "CLEARANCE": "clearance",
}


@click.command("asked")
@click.argument("identifier")
@kind_option
@organisation_option
@json_option
def asked_command(
    *, identifier: str, kind: str | None, organisation: str | None, as_json: bool
) -> None:
    """Show who asked about whoever IDENTIFIER names: single questions by day, and lists.

    A server that was killed may have lost the last second before.
    """
    own = whose(organisation)
    with db.write(own) as tx:
        keys = organisations.keys_of(own, tx)
        held = meant(tx, keys, [named(identifier, kind, notices.configuration(tx, own))])
        if held is None:
            raise NotFound("Nobody is known by this identifier.")
        found = who_asked(tx, keys, held.subject)
        looked(tx, own, "asking.shown", public("sub", held.subject))
    if as_json:
        click.echo(to_json({"subject": public("sub", held.subject), **found}))
        return
    show_rows(found["asked"], _ASKED, as_json=False, empty="No single question was asked.")
    show_rows(found["campaigns"], _LISTS, as_json=False, empty="No list was asked about.")


def _question(
    *,
    purpose: str,
    channel: str | None,
    at: datetime | None,
    known_now: bool,
    explain: bool,
) -> Question:
    if known_now and at is None:
        raise click.UsageError("--known-now goes with --at.")
    if at is not None and at > current.now():
        raise click.UsageError("Ask about now or the past.")
    return Question(
        purpose=purpose,
        channel=channel,
        at=at,
        known_now=known_now,
        explain="full" if explain else None,
    )


def _answered(organisation: int, kind: str, text: str, question: Question) -> dict[str, Any]:
    with db.read(organisation) as tx:
        region = region_of(notices.configuration(tx, organisation))
    keys = organisations.keys_of(organisation)
    try:
        (said,) = answer(keys, kind, text, [question], region=region, now=current.now())
    except NotAnIdentifier as error:
        raise Unprocessable(str(error)) from None
    return said


def _show(said: Mapping[str, Any], language: str) -> None:
    click.echo(explain_reason(said["because"], language))
    names = ("because", "regime", "basis", "since", "expires_at", "decision")
    for name in (*names, "next_permitted_at"):
        if said.get(name) is not None:
            click.echo(f"  {name:<10} {said[name]}")
    for step in said.get("chain", ()):
        click.echo(f"- {step[language]}")
