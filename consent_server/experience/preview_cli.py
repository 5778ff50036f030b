"""`consent notices preview`: a link to look at a banner, for a while."""

from __future__ import annotations

from datetime import timedelta

import click

from ..clock import rfc3339
from ..db import to_json, write
from ..ids import parse
from ..notices import find_notice, version
from ..notices.built_in import REVIEWED, built_in_words
from ..organisations.terminal import json_option, looked, organisation_option, whose
from ..web import current
from .preview import Previewed, preview_token

_BANNER = "banner"
_MOST_DAYS = 30


@click.command("preview")
@click.argument("notice")
@organisation_option
@click.option(
    "--version",
    "version_id",
    metavar="NTV",
    help="One of its published versions (`ntv_…`); without it, the draft as it stands.",
)
@click.option(
    "--days",
    type=click.IntRange(1, _MOST_DAYS),
    default=7,
    show_default=True,
    help="How long the link opens the preview.",
)
@json_option
def preview_command(
    *, notice: str, organisation: str | None, version_id: str | None, days: int, as_json: bool
) -> None:
    """Print a link to the banner of a NOTICE as people would see it; asks and records nobody.

    Both layers, every layout, language and colour, with the banner's own script. Whoever has
    the link may look until it ends.
    """
    own, lasts = whose(organisation), timedelta(days=days)
    with write(own) as tx:
        row = find_notice(tx, own, notice)
        if row is None:
            raise click.ClickException(f"No notice is called {notice}.")
        if row.surface != _BANNER:
            raise click.ClickException(
                f"{row.slug} is shown as a {row.surface}; only a banner is previewed."
            )
        number = parse("ntv", version_id) if version_id else None
        found = version(tx, own, number) if number else None
        if version_id and (found is None or found.notice_id != row.id):
            raise click.ClickException(f"{row.slug} has no version {version_id}.")
        looked(tx, own, "notice.previewed", version_id or notice)
    token = preview_token(Previewed(own, row.id, number), lasts=lasts)
    url = f"{current.settings().base_url}/preview/{token}"
    ends = rfc3339(current.now() + lasts)
    unread = sorted(built_in_words(_BANNER).keys() - REVIEWED)
    if as_json:
        click.echo(to_json({"url": url, "ends_at": ends, "unreviewed": unread}))
    else:
        click.echo(url)
        click.echo(f"Opens until {ends}.", err=True)
        click.echo(f"Built-in words not reviewed by a speaker: {', '.join(unread)}.", err=True)
