"""`consent organisations`: put in force from their files, and shown."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from ..clock import rfc3339_micros
from ..db import read, to_json, write
from ..ids import new_id, public
from ..organisations import find, listed
from ..organisations.document import MAX_CHARACTERS, DocumentInvalid, load_document, render_diff
from ..organisations.terminal import (
    ACTOR,
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..web import current
from .apply import apply_document, document_of
from .said import applied_said
from .terminal import say_published

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..organisations.document import OrganisationDocument
    from ..organisations.terminal import Columns


@click.group("organisations")
def organisations_commands() -> None:
    """Put organisations in force from their files, and show them."""


@organisations_commands.command("list")
@json_option
def list_organisations(*, as_json: bool) -> None:
    """List the organisations of this server."""
    with read() as outside:
        rows = [
            {"id": public("org", number), "slug": slug, "created_at": rfc3339_micros(since)}
            for number, slug, since in listed(outside)
        ]
    columns: Columns = {"organisation": "id", "slug": "slug", "created": "created_at"}
    show_rows(rows, columns, as_json=as_json, empty="There is no organisation yet.")


@organisations_commands.command("show")
@organisation_option
@json_option
def show_organisation(*, organisation: str | None, as_json: bool) -> None:
    """Show the document in force; with --json all of it, fit to be applied again."""
    own = whose(organisation)
    with write(own) as tx:
        document = document_of(tx, own)
        looked(tx, own, "organisation.seen")
    if document is None:
        raise click.ClickException("It has declared nothing yet.")
    if as_json:
        click.echo(to_json(document))
        return
    about = document["organisation"]
    click.echo(f"{about['name']} ({public('org', own)}), {about['country']}")
    for section in ("sites", "purposes", "trackers", "notices", "recipients"):
        names = ", ".join(item["slug"] for item in document[section]) or "none"
        click.echo(f"{section}: {names}")


@organisations_commands.command("apply")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option(
    "--set",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Fill ${NAME} in the file's web addresses; may be given several times.",
)
@json_option
def apply_file(
    *, file: IO[str], dry_run: bool, variables: tuple[str, ...], as_json: bool
) -> None:
    """Put an organisation's FILE in force: all of it or nothing; twice is as well as once."""
    document = _load(file, _pairs(variables))
    with read() as outside:
        known = find(outside, document.organisation.slug)
    with write(known or new_id()) as tx:
        applied = apply_document(tx, document, actor=ACTOR, now=current.now(), dry_run=dry_run)
    if as_json:
        click.echo(to_json({**applied_said(applied), "dry_run": dry_run}))
        return
    if applied.changes:
        click.echo(_coloured(render_diff(applied.changes)))
    say_published(applied.published)
    slug = document.organisation.slug
    if not applied.changed:
        click.echo(f"{slug}: nothing to change.")
    elif dry_run:
        click.echo(f"{slug}: this is what would change; nothing was kept.")
    else:
        made = "created" if applied.created else "changed"
        click.echo(f"{slug}: {made} ({public('org', applied.organisation)}).")


def _load(file: IO[str], variables: Mapping[str, str]) -> OrganisationDocument:
    try:
        # One character more than a document may have: enough to refuse a file without end.
        text = file.read(MAX_CHARACTERS + 1)
        return load_document(text, name=file.name, variables=variables)
    except DocumentInvalid as error:
        raise click.ClickException(str(error)) from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8") from error


def _pairs(variables: Iterable[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in variables]
    if any(not (name and equals) for name, equals, _ in pairs):
        raise click.BadParameter("write NAME=VALUE", param_hint="--set")
    return {name: value for name, _, value in pairs}


def _coloured(diff: str) -> str:
    colours = {"+": "green", "-": "red", "~": "yellow"}
    return "\n".join(
        click.style(line, fg=colours.get(line.strip()[:1])) for line in diff.split("\n")
    )
