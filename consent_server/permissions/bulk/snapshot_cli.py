"""`consent snapshot`: those who may be written to, for a tool that must answer without us."""

from __future__ import annotations

import os
from pathlib import Path

import click
from tqdm import tqdm

from ... import ledger
from ...db import to_json
from ...organisations import keys_of
from ...organisations.terminal import ACTOR, json_option, whose
from ...web import current
from ..schemas import CHANNELS
from .order import Deployment
from .snapshot import LONGEST, Snapshot

_HOUR = 3600


@click.command("snapshot")
@click.option("--purpose", required=True, help="A purpose, or a family with --channel.")
@click.option("--channel", type=click.Choice(CHANNELS), help="On which channel.")
@click.option(
    "--max-age",
    type=click.IntRange(60, LONGEST),
    default=_HOUR,
    show_default=True,
    help="Seconds after which it says no to everybody.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--organisation", metavar="SLUG", help="Whose; not needed while there is one.")
@json_option
def snapshot_command(
    *,
    purpose: str,
    channel: str | None,
    max_age: int,
    output: Path,
    organisation: str | None,
    as_json: bool,
) -> None:
    """Write who may be written to, hashed, dated and signed; whoever is not in it is a no.

    The file tests any address: keep it as you keep a list of addresses.
    """
    settings = current.settings()
    here = Deployment(
        data=settings.data,
        clock=current.clock(),
        keys=keys_of(whose(organisation)),
        signer=ledger.LogSigner.of(settings, current.keyring()),
        actor=ACTOR,
    )
    made = Snapshot(here, purpose, channel, max_age)
    with tqdm(unit=" addresses", disable=None) as bar:
        blocks = made.make(bar.update)
    waiting = output.with_name(f".{output.name}.part")
    try:
        with waiting.open("wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(output)
    finally:
        waiting.unlink(missing_ok=True)
    if as_json:
        click.echo(to_json({"file": str(output), "count": made.count}))
        return
    click.echo(f"{made.count:,} addresses in {output}; good for {max_age} seconds.")
