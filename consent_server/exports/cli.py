"""`consent export`: an organisation's own records, as files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from .. import db
from ..clock import NotATime, parse_rfc3339
from ..organisations import keys_of
from ..organisations.terminal import ACTOR, organisation_option, whose
from ..web import current
from .begin import begin
from .columns import COLUMNS
from .files import MEDIA, written
from .gather import batches
from .wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return parse_rfc3339(text if "T" in text.upper() else f"{text}T00:00:00Z")
    except NotATime as error:
        raise click.BadParameter(f"{error}.") from None


@click.command("export")
@click.argument("what", type=click.Choice(list(COLUMNS)))
@organisation_option
@click.option("--to", "target", type=click.Path(dir_okay=False), help="Write it to this file.")
@click.option("--format", "form", type=click.Choice(list(MEDIA)), help="csv, if not said.")
@click.option("--since", callback=_moment, help="What was recorded from then on.")
@click.option("--until", callback=_moment, help="What was recorded before.")
@click.option("--purpose", help="Of this purpose alone.")
@click.option("--without-identifiers", is_flag=True, help="People by opaque ids alone.")
def export_command(
    *,
    what: str,
    organisation: str | None,
    target: str | None,
    form: str | None,
    since: datetime | None,
    until: datetime | None,
    purpose: str | None,
    without_identifiers: bool,
) -> None:
    """Give WHAT an organisation holds, as CSV or NDJSON; the last line counts the rows.

    The audit trail keeps that it was asked for.
    """
    own, now = whose(organisation), current.now()
    form = form or ("ndjson" if target and target.endswith((".ndjson", ".jsonl")) else "csv")
    wanted = Wanted(
        what=what,
        since=since,
        until=min(until or now, now),
        purpose=purpose,
        identifiers=not without_identifiers,
    )
    with db.write(own) as tx:
        begin(tx, own, wanted, form=form, actor=ACTOR, now=now)
        keys = keys_of(own, tx)
    with tqdm(unit="row", leave=False, disable=None if target else True) as bar:
        counted = _Counted(batches(keys, wanted), bar)
        pieces = written(form, COLUMNS[what], counted)
        if target is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        _write(Path(target), pieces)
    click.echo(f"{counted.rows} rows written to {target}.")


class _Counted:
    """Batches as they come, counted and shown."""

    def __init__(self, found: Iterator[Sequence[Any]], bar: Any) -> None:
        self._found, self._bar = found, bar
        self.rows = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for batch in self._found:
            self.rows += len(batch)
            self._bar.update(len(batch))
            yield batch


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    # Under its name only once it is whole, and on the disk: a power cut leaves no empty one.
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
