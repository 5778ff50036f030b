"""`consent …`: gathers each room's commands."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from . import db
from .app import create_app
from .config import Settings
from .decisions.cli import proof_command
from .decisions.statistics_cli import statistics_command
from .demo.cli import demo_commands
from .experience.cli import trackers_commands
from .experience.embed_cli import check_command, embed_command, show_command
from .experience.preview_cli import preview_command
from .exports.cli import export_command
from .fsck import fsck_command
from .imports.cli import import_command
from .keyring import Keyring
from .ledger.cli import ledger_commands
from .notices.cli import notices_commands, organisations_commands
from .organisations.cli import audit_command, keys_commands, sites_commands
from .outbox.cli import renewals_command
from .permissions.bulk.cli import filter_command
from .permissions.cli import lookup_command
from .problems import Problem, RefusedToStart
from .sandbox.cli import sandbox_commands
from .serve import Server
from .verify.cli import verify_command
from .webhooks.cli import webhooks_commands
from .worker import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

# These need no server's settings, or make them: everything else runs inside the application.
_ALONE = frozenset({"init", "migrate", "serve", "worker", "verify", "demo"})


@click.group()
@click.version_option(package_name="consent-server")
@click.pass_context
def commands(context: click.Context) -> None:
    """Record what people agreed to, answer who may be contacted, and prove it."""
    # For rooms below the application that need one: the demonstration loads itself through it.
    context.obj = create_app
    # Database, keys, journal: whatever a command makes is its owner's alone.
    os.umask(0o077)
    needs_none = context.invoked_subcommand in _ALONE or _elsewhere(sys.argv[1:])
    if not needs_none:
        app = create_app(Settings.from_environment())
        context.with_resource(app.app_context())


def _elsewhere(arguments: Sequence[str]) -> bool:
    """Tell whether nothing of this deployment is asked: help, or another server's answer."""
    other_server = arguments[:1] == ["filter"] and any(
        each.partition("=")[0] == "--url" for each in arguments
    )
    return other_server or "--help" in arguments


@commands.command("init")
def init() -> None:
    """Make the secrets of a first run and bring the database to its newest schema."""
    settings = Settings.from_environment()
    Keyring.create(settings.keys)
    db.upgrade(settings)
    click.echo(f"Ready in {settings.data}.")


@commands.command("migrate")
@click.option("--to", "revision", default="head", help="A revision; head is the newest.")
@click.option("--down", is_flag=True, help="Go back to that revision instead.")
def migrate(*, revision: str, down: bool) -> None:
    """Bring the database's schema to a revision."""
    settings = Settings.from_environment()
    (db.downgrade if down else db.upgrade)(settings, revision)
    click.echo("The schema is in place.")


@commands.command("serve")
def serve() -> None:
    """Serve on CONSENT_HOST and PORT until told to stop."""
    Server(Settings.from_environment()).run()


@commands.command("worker")
def work() -> None:
    """Give pending entries their place and tidy up, until told to stop."""
    Worker(create_app(Settings.from_environment())).run()


notices_commands.add_command(preview_command)
sites_commands.add_command(statistics_command)
for each in (show_command, embed_command, check_command):
    sites_commands.add_command(each)
for each in (
    organisations_commands,
    sites_commands,
    keys_commands,
    sandbox_commands,
    audit_command,
    notices_commands,
    trackers_commands,
    lookup_command,
    filter_command,
    proof_command,
    renewals_command,
    import_command,
    export_command,
    webhooks_commands,
    ledger_commands,
    fsck_command,
    verify_command,
    demo_commands,
):
    commands.add_command(each)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; a refusal is said in words, on standard error."""
    try:
        status = commands.main(args=arguments, prog_name="consent", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except RefusedToStart as error:
        click.echo(f"Refused to start: {error}", err=True)
        sys.exit(78)
    except Problem as problem:
        click.echo(f"{problem.title}. {problem.detail}".rstrip(), err=True)
        for fault in problem.errors:
            click.echo(f"  {fault.pointer}: {fault.detail}", err=True)
        sys.exit(1)
    except db.TROUBLE as error:
        # Its own words hold the statement: what helps is to know where to look.
        name = type(error).__name__
        click.echo(
            f"The database does not answer ({name}): `consent migrate` makes it.", err=True
        )
        sys.exit(75)
    # Outside click's standalone mode a command's `exit(1)` comes back as a number: lost
    # here, a proof that does not hold would look to scripts like one that does.
    sys.exit(status)
