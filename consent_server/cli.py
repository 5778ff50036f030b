"""`consent …`: gathers each room's commands."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

import click

from .app import create_app
from .config import Settings
from .db import TROUBLE
from .problems import Problem, RefusedToStart

if TYPE_CHECKING:
    from collections.abc import Sequence

# These need no server's settings, or make them: everything else runs inside the application.
_ALONE = frozenset({"init", "migrate", "serve", "worker", "verify", "verifier", "demo"})
# Where each command is. A room's are imported when they are asked for: the server, which runs
# for months, carries none of the others with it.
_WHERE: Final = {
    "audit": "organisations.cli:audit_command",
    "bench": "bench.cli:bench_commands",
    "check-message": "newsletters.check_cli:check_message_command",
    "contacts": "subjects.cli:contacts_commands",
    "demo": "demo.cli:demo_commands",
    "export": "exports.cli:export_command",
    "filter": "permissions.bulk.cli:filter_command",
    "fsck": "fsck:fsck_command",
    "import": "imports.cli:import_command",
    "init": "db.cli:init_command",
    "keys": "organisations.cli:keys_commands",
    "ledger": "ledger.cli:ledger_commands",
    "links": "newsletters.cli:links_commands",
    "lookup": "permissions.cli:lookup_command",
    "mail": "mail.cli:mail_commands",
    "migrate": "db.cli:migrate_command",
    "notices": "notices.cli:notices_commands",
    "organisations": "notices.organisations_cli:organisations_commands",
    "proof": "decisions.cli:proof_command",
    "prove": "proofs.cli:prove_command",
    "renewals": "outbox.cli:renewals_command",
    "sandbox": "sandbox.cli:sandbox_commands",
    "serve": "serve:serve_command",
    "sites": "organisations.cli:sites_commands",
    "snapshot": "permissions.bulk.snapshot_cli:snapshot_command",
    "subjects": "subjects.people_cli:subjects_commands",
    "suppressions": "subjects.suppression_cli:suppressions_commands",
    "trackers": "experience.cli:trackers_commands",
    "vault": "rights.vault_cli:vault_commands",
    "verifier": "proofs.cli:verifier_command",
    "verify": "verify.cli:verify_command",
    "webhooks": "webhooks.cli:webhooks_commands",
    "worker": "worker:worker_command",
}
# Commands of one room under the word of another, which does not know it.
_UNDER: Final = {
    "ledger": ("rights.resume_cli:resume_command",),
    "notices": ("experience.preview_cli:preview_command",),
    "sites": (
        "decisions.statistics_cli:statistics_command",
        "experience.embed_cli:show_command",
        "experience.embed_cli:embed_command",
        "experience.embed_cli:check_command",
    ),
    "subjects": (
        "permissions.cli:asked_command",
        "rights.cli:erase_command",
        "rights.cli:replay_command",
    ),
    "suppressions": ("newsletters.report_cli:report_command",),
}


class Commands(click.Group):
    """Every room's commands, by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them all."""
        return sorted(_WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one, with those that other rooms put under its word."""
        if cmd_name not in _WHERE:
            return None
        found = _imported(_WHERE[cmd_name])
        for each in _UNDER.get(cmd_name, ()):
            cast("click.Group", found).add_command(_imported(each))
        return found


def _imported(where: str) -> click.Command:
    module, name = where.split(":")
    return cast("click.Command", getattr(import_module(f"{__package__}.{module}"), name))


@click.group(cls=Commands)
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
    except TROUBLE as error:
        # Its own words hold the statement: what helps is to know where to look.
        name = type(error).__name__
        click.echo(
            f"The database does not answer ({name}): `consent migrate` makes it.", err=True
        )
        sys.exit(75)
    except OSError as error:
        # A full disk, which names no file; a folder that is not there or not ours.
        where = f": {error.filename}" if error.filename else ""
        click.echo(f"{error.strerror or type(error).__name__}{where}", err=True)
        sys.exit(74)
    # Outside click's standalone mode a command's `exit(1)` comes back as a number: lost
    # here, a proof that does not hold would look to scripts like one that does.
    sys.exit(status)
