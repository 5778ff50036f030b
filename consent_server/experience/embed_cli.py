"""`consent sites embed`: what to paste into a site's pages."""

from __future__ import annotations

import click

from ..db import to_json
from ..organisations.terminal import json_option
from ..problems import NotFound
from ..web import current
from .embed import lines
from .now import strict_of


@click.command("embed")
@click.argument("site")
@click.option("--lang", "language", default="en", show_default=True, help="Of the page.")
@json_option
def embed_command(*, site: str, language: str, as_json: bool) -> None:
    """Print the lines that put the banner of a SITE (`site_…`) on its pages.

    The usual line, the one for strict sites with the hash of the code, and what a
    Content-Security-Policy must allow.
    """
    try:
        strict = strict_of(site)
    except NotFound:
        raise click.ClickException(f"No site with a banner is called {site}.") from None
    told = lines(current.settings().base_url, site, language, strict)
    if as_json:
        click.echo(to_json(told))
        return
    if told["head"]:
        click.echo("First in <head>, for blocking what is not marked:\n")
        click.echo(f"  {told['head']['line']}\n")
    click.echo(f"Usual: code and configuration in one response.\n\n  {told['line']}\n")
    click.echo(
        "Strict: code that the browser checks. Renew the line after each update of the server\n"
        "and each change of what the site uses; an old one is 404, and trackers stay off.\n"
    )
    click.echo(f"  {told['strict']['line']}\n")
    click.echo(f"Content-Security-Policy must allow:\n\n  {told['policy']}")
