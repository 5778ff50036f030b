"""How commands say what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .said import published_said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .publish import Published


def say_published(published: Iterable[Published]) -> None:
    """Say of each version what it changes, and whom it asks again."""
    for made in published:
        said = published_said(made)
        if said["number"] == 1:
            click.echo(f"{said['slug']}: version 1, the first")
            say_unreviewed(said["unreviewed"])
            continue
        click.echo(f"{said['slug']}: version {said['number']}, {said['judgement']}")
        for reason in said["because"]:
            mark = "asks again" if reason["material"] else "editorial"
            click.echo(f"  {mark}: {reason['words']['en']}")
        if said["touched"]:
            click.echo(f"  earlier consents no longer count for: {', '.join(said['touched'])}")
        say_unreviewed(said["unreviewed"])


def say_unreviewed(languages: Sequence[str]) -> None:
    """Tell staff which translations nobody has checked; visitors are never told."""
    if languages:
        click.echo(f"  built-in words not reviewed by a speaker: {', '.join(languages)}")
