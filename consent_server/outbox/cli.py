"""`consent renewals`: whose consent ends soon?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..db import write
from ..organisations import keys_of
from ..organisations.terminal import (
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..web import current
from .renewals import renewals

if TYPE_CHECKING:
    from ..organisations.terminal import Columns


@click.command("renewals")
@organisation_option
@click.option(
    "--within", help="How soon, as P30D or P3M; the organisation's own period unless said."
)
@click.option("--after", help="Go on after a page; it says with what.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 1000))
@json_option
def renewals_command(
    *,
    organisation: str | None,
    within: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the consents that end within a period, the first to end first."""
    own = whose(organisation)
    with write(own) as tx:
        found = renewals(
            tx,
            keys_of(own, tx),
            within=within,
            after=after,
            most=limit,
            now=current.now(),
        )
        looked(tx, own, "renewals.listed")
    columns: Columns = {
        "subject": "subject",
        "known as": lambda row: " ".join(row["external_ids"]),
        "purpose": "purpose",
        "ends": "expires_at",
        "decision": "decision",
    }
    show_rows(found["renewals"], columns, as_json=as_json, empty="Nothing ends so soon.")
    if found["next"]:
        click.echo(f"There may be more: --after {found['next']}", err=True)
