"""`consent trackers`: the catalogue of well-known services, and what a page uses of it."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ..db import to_json, write
from ..notices import document_of
from ..organisations.terminal import (
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from .catalogue import USES, services
from .catalogue.inspect import LARGEST, Unreadable, look_through
from .catalogue.suggest import as_plain, suggest, to_paste, usual_purposes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..organisations.terminal import Columns
    from .catalogue.inspect import Seen
    from .catalogue.suggest import Found, Suggestions


@click.group("trackers")
def trackers_commands() -> None:
    """Show well-known trackers, and find out which of them a page uses."""


@trackers_commands.command("list")
@click.option("--use", type=click.Choice(USES), help="Only those of one usual kind of use.")
@json_option
def list_trackers(*, use: str | None, as_json: bool) -> None:
    """List the services of the catalogue."""
    rows = [
        {
            "slug": one.slug,
            "name": one.name,
            "provider": one.provider,
            "country": one.country,
            "use": one.use,
            "hosts": list(one.hosts),
            "cookies": dict(one.cookies),
            "local_storage": list(one.local_storage),
            "session_storage": list(one.session_storage),
            "privacy_url": one.privacy_url,
        }
        for one in services().values()
        if use in (None, one.use)
    ]
    columns: Columns = {
        "service": "slug",
        "name": "name",
        "provider": "provider",
        "country": "country",
        "use": "use",
    }
    show_rows(rows, columns, as_json=as_json, empty="The catalogue knows none.")


@trackers_commands.command("suggest")
@click.argument("file", type=click.File("rb"))
@click.option("--site", metavar="SLUG", help="The site the page belongs to.")
@organisation_option
@json_option
def suggest_trackers(
    *, file: IO[bytes], site: str | None, organisation: str | None, as_json: bool
) -> None:
    """Compare a page with the catalogue and say which trackers are not declared yet.

    FILE is a HAR file saved by a browser, an HTML page, or a list of addresses and names of
    cookies, one a line; - reads standard input.
    """
    seen = _look_through(file)
    own = whose(organisation)
    with write(own) as tx:
        document = document_of(tx, own)
        looked(tx, own, "trackers.suggested")
    document = document or {"sites": [], "trackers": [], "purposes": [], "notices": []}
    hosts = _hosts(document, site)
    suggestions = suggest(seen, document["trackers"], hosts)
    if as_json:
        click.echo(to_json(as_plain(suggestions)))
    else:
        _say(suggestions, document)


def _look_through(file: IO[bytes]) -> Seen:
    data = file.read(LARGEST + 1)
    name = getattr(file, "name", "standard input")
    if len(data) > LARGEST:
        raise click.ClickException(f"{name} is larger than {LARGEST // 1024**2} MB.")
    try:
        return look_through(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{name} is not UTF-8 text.") from error
    except Unreadable as error:
        raise click.ClickException(
            f"{name}: {error}. Give a HAR file, an HTML page, or a list of addresses and"
            " cookies, one a line."
        ) from error


def _hosts(document: Mapping[str, Any], slug: str | None) -> set[str]:
    """Give the hosts that are the organisation's own: of the site named, else of all."""
    sites = [one for one in document["sites"] if slug in (None, one["slug"])]
    if slug is not None and not sites:
        known = ", ".join(one["slug"] for one in document["sites"]) or "none yet"
        raise click.ClickException(f"No site is called {slug}; there is: {known}.")
    origins = (origin for one in sites for origin in one["origins"])
    return {urlsplit(origin).hostname or "" for origin in origins}


def _say(suggestions: Suggestions, document: Mapping[str, Any]) -> None:
    known = [one for one in suggestions.found if one.declared_by]
    missing = [one for one in suggestions.found if not one.declared_by]
    if not suggestions.found:
        click.echo("Nothing on this page is in the catalogue.")
    for one in known:
        click.echo(f"declared  {one.service.name}, by {', '.join(one.declared_by)}")
    for one in missing:
        click.echo(f"missing   {one.service.name} ({_because(one)})")
    for name, slugs in suggestions.unsure.items():
        click.echo(f"unsure    {name}: one of {', '.join(slugs)}")
    for host in suggestions.unknown:
        click.echo(f"unknown   {host}: not in the catalogue; what is it?")
    if missing:
        click.echo("\nTo paste into the organisation's file:\n\ntrackers:")
        click.echo("\n".join(_items(missing, document)))


def _because(one: Found) -> str:
    return ", ".join((*one.hosts, *one.names))


def _items(missing: Sequence[Found], document: Mapping[str, Any]) -> list[str]:
    asked = [one["slug"] for one in document["purposes"] if one["kind"] == "tracker"]
    usual = usual_purposes(document["trackers"], USES)
    return [to_paste(one.service, asked, usual.get(one.service.use)) for one in missing]
