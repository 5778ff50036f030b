"""`consent organisations` and `consent notices`."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click

from ..clock import rfc3339_micros
from ..db import read, to_json, write
from ..ids import new_id, parse, public
from ..organisations import audit, find, listed
from ..organisations.document import MAX_CHARACTERS, DocumentInvalid, load_document, render_diff
from ..organisations.terminal import (
    ACTOR,
    json_option,
    organisation_option,
    show_rows,
    whose,
)
from ..web import current
from .apply import apply_document, document_of
from .built_in import unreviewed
from .configuration import configuration
from .drafts import find_notice, notices
from .publish import preview, publish
from .said import applied_said, notice_said, page_url, preview_said, published_said
from .versions import history, owner_of, version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..db import Transaction
    from ..organisations.document import OrganisationDocument
    from ..organisations.terminal import Columns
    from .drafts import NoticeRow
    from .publish import Published


def look(tx: Transaction, organisation: int, action: str, target: str = "") -> None:
    """Note in the audit trail that somebody looks from the command line."""
    audit(
        tx,
        organisation=organisation,
        actor=ACTOR,
        action=action,
        target=target or public("org", organisation),
        now=current.now(),
    )


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
        look(tx, own, "organisation.seen")
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
    _say_published(applied.published)
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


def _say_published(published: Iterable[Published]) -> None:
    for made in published:
        said = published_said(made)
        if said["number"] == 1:
            click.echo(f"{said['slug']}: version 1, the first")
            _say_unreviewed(said["unreviewed"])
            continue
        click.echo(f"{said['slug']}: version {said['number']}, {said['judgement']}")
        for reason in said["because"]:
            mark = "asks again" if reason["material"] else "editorial"
            click.echo(f"  {mark}: {reason['words']['en']}")
        if said["touched"]:
            click.echo(f"  earlier consents no longer count for: {', '.join(said['touched'])}")
        _say_unreviewed(said["unreviewed"])


def _say_unreviewed(languages: Sequence[str]) -> None:
    """Tell staff which translations nobody has checked; visitors are never told."""
    if languages:
        click.echo(f"  built-in words not reviewed by a speaker: {', '.join(languages)}")


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
        look(tx, own, "notices.listed")
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
        look(tx, own, "notice.version_seen", notice_version)
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
    _say_unreviewed(unreviewed(found.body))
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
        _say_published([made])
