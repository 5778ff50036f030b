"""`consent sites statistics`: the figures as a table and a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..db import read, to_json
from ..organisations import sites_of
from ..organisations.terminal import json_option, organisation_option, show_rows, whose
from ..web import current
from .figures import NAMES, figures, period
from .statistics import find

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTH = 40
_TABLES = {"languages": "language", "layers": "layer", "devices": "device"}
_MARKS = {"accepted": "█", "refused": "▒", "chosen": "░"}


@click.command("statistics")
@click.argument("site")
@organisation_option
@click.option("--since", metavar="DAY", help="The first day; 30 days before the last.")
@click.option("--until", metavar="DAY", help="The last day; today.")
@json_option
def statistics_command(
    *, site: str, organisation: str | None, since: str | None, until: str | None, as_json: bool
) -> None:
    """Show how many accepted, refused and chose on a SITE (slug or id), without people.

    Figures are rounded, so that none is about somebody.
    """
    own = whose(organisation)
    first, last = period(since, until, current.now().date())
    with read(own) as tx:
        found = find(sites_of(tx, own), site)
        if found is None:
            raise click.ClickException(f"No site is called {site}.")
        told = figures(tx, found, first, last)
    if as_json:
        click.echo(to_json(told))
        return
    _say(told)


def _say(told: Mapping[str, Any]) -> None:
    click.echo(f"{told['since']} to {told['until']}, rounded to {told['rounded_to']}")
    total = ", ".join(f"{name} {told['total'][name]}" for name in NAMES)
    click.echo(f"{total}; the script was fetched {told['downloads_lower_bound']} times or more")
    for section, what in (
        ("languages", "language"),
        ("layers", "layer"),
        ("devices", "device"),
    ):
        if told[section]:
            click.echo("")
            columns = {name: name for name in (what, *NAMES)}
            show_rows(told[section], columns, as_json=False, empty="")
    days = [day for day in told["days"] if any(day[name] for name in NAMES)]
    if days:
        click.echo("\n" + "  ".join(f"{mark} {name}" for name, mark in _MARKS.items()))
    most = max((sum(day[name] for name in NAMES) for day in days), default=1)
    for day in days:
        bar = "".join(mark * round(day[name] * _WIDTH / most) for name, mark in _MARKS.items())
        click.echo(f"{day['day']}  {bar}")
