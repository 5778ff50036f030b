"""`consent suppressions report`: bounces and complaints from files or a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import click
from tqdm import tqdm

from ..db import to_json, write
from ..organisations.terminal import json_option, looked, organisation_option, whose
from ..subjects.suppression_cli import suppressor_of
from .reported import act_on
from .reports import MOST_BYTES, UnreadableReport, read_report

if TYPE_CHECKING:
    from .reports import Report


@click.command("report")
@click.argument("files", nargs=-1, type=click.File("rb"), required=True)
@organisation_option
@json_option
@click.pass_context
def report_command(
    context: click.Context,
    *,
    files: tuple[BinaryIO, ...],
    organisation: str | None,
    as_json: bool,
) -> None:
    """Take what mail servers report (RFC 3464, RFC 5965): one message a FILE, - for a pipe.

    A mailbox that does not exist is written to no more; who complained gets no marketing.
    """
    own = whose(organisation)
    told = {"bounced": 0, "complained": 0, "other": 0, "added": 0, "unreadable": 0}
    for place, file in enumerate(tqdm(files, unit="message", leave=False, disable=None), 1):
        report = _read(file)
        if report is None:
            told["unreadable"] += 1
            click.echo(f"message {place}: it cannot be read", err=True)
            continue
        said = _take(own, report)
        told[report.kind] += 1
        told["added"] += said["added"]
    if as_json:
        click.echo(to_json(told))
    else:
        click.echo("  ".join(f"{name}: {count}" for name, count in told.items()))
    context.exit(1 if told["unreadable"] else 0)


def _read(file: BinaryIO) -> Report | None:
    raw = file.read(MOST_BYTES + 1)
    try:
        return read_report(raw) if len(raw) <= MOST_BYTES else None
    except UnreadableReport:
        return None


def _take(organisation: int, report: Report) -> dict[str, Any]:
    with write(organisation) as tx:
        suppressor = suppressor_of(tx, organisation)
        said = act_on(suppressor, report)
        if said["added"]:
            looked(tx, organisation, "suppressions.reported", added=said["added"])
        suppressor.keep()
    return said
