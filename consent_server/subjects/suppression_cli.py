"""`consent suppressions`: who is not to be contacted until they say otherwise."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

import click
from tqdm import tqdm

from .. import notices
from ..clock import to_micros
from ..db import to_json, write
from ..organisations import keys_of, log_of
from ..organisations.terminal import (
    ACTOR,
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..web import current
from .read import region_of
from .suppress import REASONS, Suppressor
from .suppression_file import Line, Otherwise, UnreadableFile, read_lines
from .suppressions import (
    DEFAULT_REASON,
    Asked,
    NotAScope,
    add_asked,
    page,
    read_scope,
)
from .terminal import kind_option, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..db import Transaction
    from ..organisations.terminal import Columns

_ASKED: Final = tuple(each for each in REASONS if each != "erased")
# Each is one transaction and one flush.
_BATCH: Final = 500
_PAGE: Final = 500

scope_help = "marketing, channel:<email, sms, phone …> or purpose:<slug>."
reason_option = click.option(
    "--reason", type=click.Choice(_ASKED), default=DEFAULT_REASON, show_default=True
)


@click.group("suppressions")
def suppressions_commands() -> None:
    """Say who is not to be contacted; only the person's own later yes lifts it."""


def suppressor_of(tx: Transaction, organisation: int) -> Suppressor:
    """Make what adds suppressions from the command line."""
    return Suppressor(
        tx,
        keys_of(organisation, tx),
        notices.configuration(tx, organisation),
        log_of(tx, organisation),
        to_micros(current.now()),
        by=ACTOR,
    )


@suppressions_commands.command("add")
@click.argument("identifier")
@kind_option
@click.option("--scope", required=True, help=scope_help)
@reason_option
@organisation_option
@json_option
def add_one(
    *,
    identifier: str,
    kind: str | None,
    scope: str,
    reason: str,
    organisation: str | None,
    as_json: bool,
) -> None:
    """Suppress IDENTIFIER, known or not, from a purpose, a channel or all marketing."""
    own = whose(organisation)
    with write(own) as tx:
        suppressor = suppressor_of(tx, own)
        configuration = notices.configuration(tx, own)
        given = named(identifier, kind, configuration)
        if given.kind == "visitor":
            raise click.UsageError("A visitor refuses trackers in the banner.")
        try:
            asked = Asked((given,), read_scope(scope, configuration), reason)
        except NotAScope as error:
            raise click.BadParameter(str(error), param_hint="--scope") from None
        (said,) = add_asked(suppressor, asked)
        looked(tx, own, "suppression.added")
        suppressor.keep()
    if as_json:
        click.echo(to_json(said))
        return
    click.echo(f"{said['id']}: {'added' if said['added'] else 'stood already'}.")


@suppressions_commands.command("list")
@click.option("--after", metavar="ID", help="Read on after this one.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 10_000))
@organisation_option
@json_option
def list_all(*, after: str | None, limit: int, organisation: str | None, as_json: bool) -> None:
    """List suppressions, oldest first; a keyed hash is all we have, so nobody is named."""
    own = whose(organisation)
    with write(own) as tx:
        rows = page(tx, notices.configuration(tx, own), after=after, most=limit)
        looked(tx, own, "suppressions.listed")
    columns: Columns = {
        "suppression": "id",
        "of": "kind",
        "scope": "scope",
        "reason": "reason",
        "since": "recorded_at",
        "lifted": lambda row: " ".join(each["purpose"] for each in row["lifted"]),
    }
    show_rows(rows, columns, as_json=as_json, empty="Nobody is suppressed.")


@suppressions_commands.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--scope", help=f"Of lines that name none: {scope_help}")
@reason_option
@click.option("--dry-run", is_flag=True, help="Only say what would be added.")
@organisation_option
@json_option
@click.pass_context
def import_file(
    context: click.Context,
    *,
    file: BinaryIO,
    scope: str | None,
    reason: str,
    dry_run: bool,
    organisation: str | None,
    as_json: bool,
) -> None:
    """Suppress everybody in FILE: one address or number a line, or CSV with a header.

    Columns: email, phone, external_id, scope, reason. A line that cannot be read is told by
    its number, and the others are taken. Stopped in the middle, run it again: what stands
    already is not added twice.
    """
    own = whose(organisation)
    counts = {"added": 0, "standing": 0, "refused": 0}
    with tqdm(total=_size(file), unit="B", unit_scale=True, leave=False, disable=None) as bar:
        try:
            for batch in _batches(own, file, scope, reason):
                _take(own, batch, counts, dry_run=dry_run)
                bar.update(batch[-1].read - bar.n)
        except UnreadableFile as error:
            raise click.ClickException(f"{error}.") from None
    if as_json:
        click.echo(to_json({**counts, "dry_run": dry_run}))
    else:
        verb = "would be added" if dry_run else "added"
        click.echo(
            f"{counts['added']} {verb}, {counts['standing']} stood already,"
            f" {counts['refused']} lines could not be read."
        )
    context.exit(1 if counts["refused"] else 0)


def _batches(
    organisation: int, file: BinaryIO, scope: str | None, reason: str
) -> Iterator[list[Line]]:
    with write(organisation) as tx:
        configuration = notices.configuration(tx, organisation)
    if scope is not None:
        try:
            read_scope(scope, configuration)
        except NotAScope as error:
            raise click.BadParameter(str(error), param_hint="--scope") from None
    otherwise = Otherwise(scope, reason, region_of(configuration))
    lines = read_lines(file, configuration, otherwise, reasons=frozenset(_ASKED))
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _take(
    organisation: int, batch: list[Line], counts: dict[str, int], *, dry_run: bool
) -> None:
    for line in batch:
        if line.asked is None:
            counts["refused"] += 1
            click.echo(f"line {line.number}: {line.fault}", err=True)
    asked = [line.asked for line in batch if line.asked is not None]
    with write(organisation) as tx:
        suppressor = suppressor_of(tx, organisation)
        added = 0
        for each in asked:
            for said in add_asked(suppressor, each):
                added += said["added"]
                counts["added" if said["added"] else "standing"] += 1
        if dry_run:
            tx.session.rollback()
            return
        if asked:
            looked(tx, organisation, "suppressions.imported", added=added)
        suppressor.keep()


def _size(file: BinaryIO) -> int | None:
    try:
        return os.fstat(file.fileno()).st_size or None
    except OSError:
        return None
