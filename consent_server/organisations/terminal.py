"""How commands speak: aligned columns for people, JSON for scripts, one way to name a whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from ..clock import NotATime, parse_rfc3339
from ..db import read, to_json
from ..ids import parse, public
from ..web import current
from .audit import audit
from .directory import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from ..db import Transaction

    # A column's heading, and the member it shows, or how to make it from the row.
    Columns = Mapping[str, Callable[[Mapping[str, Any]], object] | str]


class Moment(click.ParamType["datetime"]):
    """An RFC 3339 time, as everywhere else."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Read it; says how to write one."""
        try:
            return parse_rfc3339(value)
        except NotATime as error:
            return self.fail(str(error), param, ctx)


ACTOR: Final = "command line"
MOMENT: Final = Moment()

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
organisation_option = click.option(
    "-o",
    "--organisation",
    metavar="SLUG",
    help="Whose, by slug or id; not needed while there is only one.",
)


def whose(name: str | None) -> int:
    """Find the organisation a command is about: the one named, or the only one."""
    with read() as outside:
        every = listed(outside)
    if name is None:
        if len(every) == 1:
            return every[0][0]
        known = ", ".join(slug for _, slug, _ in every) or "none yet"
        raise click.UsageError(f"Name an organisation with --organisation: {known}.")
    for number, slug, _ in every:
        if slug == name or parse("org", name) == number:
            return number
    raise click.ClickException(f"No organisation is called {name}.")


def show_rows(
    rows: Sequence[Mapping[str, Any]],
    columns: Columns,
    *,
    as_json: bool,
    empty: str,
) -> None:
    """Print a list: JSON, or columns under their headings; `empty` if there is nothing."""
    if as_json:
        click.echo(to_json(list(rows)))
        return
    if not rows:
        click.echo(empty)
        return
    table = [list(columns), *([_cell(row, what) for what in columns.values()] for row in rows)]
    widths = [max(len(line[place]) for line in table) for place in range(len(columns))]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _cell(row: Mapping[str, Any], what: Callable[[Mapping[str, Any]], object] | str) -> str:
    value = row.get(what) if isinstance(what, str) else what(row)
    return "" if value is None else str(value)


def looked(
    tx: Transaction, organisation: int, action: str, target: str = "", **detail: Any
) -> None:
    """Write into the audit trail what a command was shown; of the organisation, or a target."""
    audit(
        tx,
        organisation=organisation,
        actor=ACTOR,
        action=action,
        target=target or organisation_id(organisation),
        detail=detail,
        now=current.now(),
    )


def organisation_id(number: int) -> str:
    """Write an organisation's id as the outside sees it."""
    return public("org", number)
