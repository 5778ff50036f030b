"""`consent links rotate`: a new key signs links; old ones go on working, or lose power."""

from __future__ import annotations

import click

from ..db import to_json
from ..keyring import rotate_token_keys
from ..organisations.terminal import json_option
from ..web import current

_KEPT = (
    "A new key signs links from now on, in servers that run too. {kept} older keys go on"
    " verifying what they signed: keep them for three years."
)
_FORGOTTEN = (
    "A new key signs links from now on, in servers that run too, and nothing that an older"
    " one signed opens anything. Links that are out there still unsubscribe; everything else"
    " they opened asks for a new link."
)


@click.group("links")
def links_commands() -> None:
    """Look after the links that people hold."""


@links_commands.command("rotate")
@click.option(
    "--leaked",
    is_flag=True,
    help="Throw the older keys away: their links can only unsubscribe from now on.",
)
@json_option
def rotate_command(*, leaked: bool, as_json: bool) -> None:
    """Sign links with a new key. Once a year will do; at once if the key has leaked."""
    kept = rotate_token_keys(current.settings().keys, forget=leaked)
    if as_json:
        click.echo(to_json({"verifying": kept, "leaked": leaked, "restart": False}))
    else:
        click.echo((_FORGOTTEN if leaked else _KEPT).format(kept=kept))
