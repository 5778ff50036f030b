"""`consent notices`: listed, shown, published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..clock import rfc3339_micros
from ..db import read, to_json, write
from ..ids import parse
from ..organisations.terminal import (
    ACTOR,
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..web import current
from .built_in import unreviewed
from .configuration import configuration
from .drafts import find_notice, notices
from .publish import preview, publish
from .said import notice_said, page_url, preview_said, published_said
from .terminal import say_published, say_unreviewed
from .versions import history, owner_of, version

if TYPE_CHECKING:
    from ..db import Transaction
    from ..organisations.terminal import Columns
    from .drafts import NoticeRow


@click.group("notices")
def notices_commands() -> None:
    """Show and publish the words that people are shown."""


@notices_commands.command("list")
@organisation_option
@json_option
def list_notices(*, organisation: str | None, as_json: bool) -> None:
    """List the notices, with the version in force and the page that shows it."""
    own = whose(organisation)
    with write(own) as tx:
        found = configuration(tx, own)
        rows = [_row(tx, own, row) | notice_said(found, row) for row in notices(tx, own)]
        looked(tx, own, "notices.listed")
    columns: Columns = {
        "notice": "slug",
        "surface": "surface",
        "number": "number",
        "version": "version",
        "page": "url",
        "draft": lambda row: row["publishing"]["judgement"] or "as published",
    }
    show_rows(rows, columns, as_json=as_json, empty="There is no notice yet.")


def _row(tx: Transaction, organisation: int, row: NoticeRow) -> dict[str, Any]:
    versions = history(tx, organisation, row.id)
    return {
        "number": versions[-1].number if versions else None,
        "url": page_url(versions[-1].id) if versions else None,
        "publishing": preview_said(preview(tx, organisation, row)),
    }


@notices_commands.command("show")
@click.argument("notice_version")
@json_option
def show_version(*, notice_version: str, as_json: bool) -> None:
    """Show a published version by its id (`ntv_…`)."""
    number = parse("ntv", notice_version)
    with read() as outside:
        own = owner_of(outside, number) if number else None
    if number is None or own is None:
        raise click.ClickException(f"No notice version is called {notice_version}.")
    with write(own) as tx:
        found = version(tx, own, number)
        looked(tx, own, "notice.version_seen", notice_version)
    if found is None:
        raise click.ClickException(f"No notice version is called {notice_version}.")
    if as_json:
        about = {"number": found.number, "hash": found.content_hash}
        click.echo(to_json({**about, "unreviewed": unreviewed(found.body), **found.body}))
        return
    click.echo(f"{found.body['notice']['slug']}, version {found.number}, {found.judgement}")
    click.echo(f"recorded {rfc3339_micros(found.recorded_at)}, SHA-256 {found.content_hash}")
    for language, words in found.body["words"].items():
        click.echo(f"\n[{language}] {words['title']}\n{words['intro']}")
    click.echo("")
    say_unreviewed(unreviewed(found.body))
    click.echo(f"All of it: {page_url(found.id)}")


@notices_commands.command("publish")
@click.argument("notice")
@organisation_option
@click.option(
    "--ask-again",
    multiple=True,
    metavar="PURPOSE",
    help="Let earlier consents to this purpose lapse, whatever the rules say.",
)
@click.option("--dry-run", is_flag=True, help="Only say what publishing would mean.")
@json_option
def publish_notice(
    *,
    notice: str,
    organisation: str | None,
    ask_again: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Publish the draft of a NOTICE (slug or id); rules judge it and say why."""
    own = whose(organisation)
    with write(own) as tx:
        row = find_notice(tx, own, notice)
        if row is None:
            raise click.ClickException(f"No notice is called {notice}.")
        made = publish(tx, own, row, actor=ACTOR, now=current.now(), raised=ask_again)
        if dry_run:
            tx.session.rollback()
    if as_json:
        said = published_said(made) if made else None
        click.echo(to_json({"published": said, "dry_run": dry_run}))
    elif made is None:
        click.echo(f"{row.slug}: the draft is what is published.")
    else:
        say_published([made])
