"""`consent sites show`, `embed`, `check`: what a site's pages need, and have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..db import to_json, write
from ..organisations import find_site
from ..organisations.sites import site_said
from ..organisations.terminal import json_option, looked
from ..problems import NotFound
from ..web import current
from .embed import lines, said
from .head import begins_with
from .now import head_of, strict_of

if TYPE_CHECKING:
    from typing import TextIO

    from ..organisations import SiteInForce
    from .head import HeadLine

_ELSEWHERE = (
    "Auto-block, the network guard and signals before any tag are in force only on pages\n"
    "that begin with this line; on others they begin with the banner's script, and are\n"
    "not in force before it. `consent sites check` reads a page and says which."
)


@click.command("show")
@click.argument("site")
@json_option
def show_command(*, site: str, as_json: bool) -> None:
    """Show a SITE by its id, and the lines that put its banner on a page."""
    found = _found(site)
    with write(found.organisation) as tx:
        looked(tx, found.organisation, "site.seen", site)
    told = site_said(found)
    line = f'<script src="{current.settings().base_url}/w/{site}.js" async></script>'
    head = _head(site)
    if as_json:
        click.echo(to_json({**told, "embed": line, "head": said(head)}))
        return
    for name, value in told.items():
        click.echo(f"{name}: {' '.join(value) if isinstance(value, list) else value}")
    click.echo(f"\nPut this line on its pages:\n\n  {line}")
    _show_head(said(head))


@click.command("embed")
@click.argument("site")
@click.option("--lang", "language", default="en", show_default=True, help="Of the page.")
@json_option
def embed_command(*, site: str, language: str, as_json: bool) -> None:
    """Print the lines that put the banner of a SITE (`site_…`) on its pages.

    The usual line, the one for strict sites with the hash of the code, the one for the head
    of pages whose trackers carry no mark, the one for pages with a sign-up form, and what a
    Content-Security-Policy must allow.
    """
    try:
        strict, head = strict_of(site), head_of(site)
    except NotFound:
        raise click.ClickException(f"No site with a banner is called {site}.") from None
    told = lines(current.settings().base_url, site, language, strict, head)
    if as_json:
        click.echo(to_json(told))
        return
    click.echo(f"Usual: code and configuration in one response.\n\n  {told['line']}")
    _show_head(told["head"])
    click.echo(
        "\nStrict: code that the browser checks. Renew the line after each update of the"
        " server\nand each change of what the site uses; an old one is 404, and trackers stay"
        " off.\n"
    )
    click.echo(f"  {told['strict']['line']}\n")
    click.echo(
        f"On pages with a sign-up form, to answer in its place; or, checked, the second:\n\n"
        f"  {told['form']['line']}\n  {told['form']['strict']}\n"
    )
    click.echo(f"Content-Security-Policy must allow:\n\n  {told['policy']}")


@click.command("check")
@click.argument("site")
@click.argument("page", type=click.File("r", encoding="utf-8", errors="replace"))
@json_option
def check_command(*, site: str, page: TextIO, as_json: bool) -> None:
    """Say whether a PAGE (a file, or `-`) of a SITE begins with the line for its head.

    Nothing is fetched: `curl -s https://www.example.org/ | consent sites check SITE -`.
    Exits with 1 where the line is asked for and not in force.
    """
    _found(site)
    head = _head(site)
    in_force = head is not None and begins_with(page.read(_MOST), head)
    if as_json:
        click.echo(to_json({"site": site, "needed": head is not None, "in_force": in_force}))
    elif head is None:
        click.echo("This site has no use for the line: nothing is held without a mark.")
    elif in_force:
        click.echo("In force: the page begins with the line for its head.")
    else:
        click.echo("Not in force: the first script of the page is not this line, as it is now.")
        _show_head(said(head))
    if head is not None and not in_force:
        raise SystemExit(1)


# Of a page: its head stands at the beginning.
_MOST = 1 << 20


def _found(site: str) -> SiteInForce:
    found = find_site(None, site)
    if found is None:
        raise click.ClickException(f"No site is called {site}.")
    return found


def _head(site: str) -> HeadLine | None:
    try:
        return head_of(site)
    except NotFound:
        # No banner has been published yet.
        return None


def _show_head(head: dict[str, Any] | None) -> None:
    if head is None:
        return
    click.echo(f"\nFirst in <head>, before any other script:\n\n  {head['line']}\n")
    click.echo(f"Its hash, the same on every site, for script-src: '{head['hash']}'\n")
    click.echo(_ELSEWHERE)
