"""`consent init`, `consent migrate`: a deployment's database is made and kept up to date."""

from __future__ import annotations

import click

from ..config import Settings
from ..keyring import Keyring
from .migrate import downgrade, upgrade


@click.command("init")
def init_command() -> None:
    """Make the secrets of a first run and bring the database to its newest schema."""
    settings = Settings.from_environment()
    Keyring.create(settings.keys)
    upgrade(settings)
    click.echo(f"Ready in {settings.data}.")


@click.command("migrate")
@click.option("--to", "revision", default="head", help="A revision; head is the newest.")
@click.option("--down", is_flag=True, help="Go back to that revision instead.")
def migrate_command(*, revision: str, down: bool) -> None:
    """Bring the database's schema to a revision."""
    (downgrade if down else upgrade)(Settings.from_environment(), revision)
    click.echo("The schema is in place.")
