"""`consent subjects erase` and `replay`."""

from __future__ import annotations

import click

from .. import db, notices
from ..clock import rfc3339_micros
from ..db import to_json
from ..organisations import keys_of, log_of
from ..organisations.terminal import ACTOR, json_option, organisation_option, whose
from ..subjects.terminal import kind_option, named
from ..web import current
from .erase import Eraser
from .reason import check_reason
from .replay import Replay
from .values import Wanted


@click.command("erase")
@click.argument("identifier")
@kind_option
@organisation_option
@click.option("--reason", required=True, help="Why, in words that name nobody: it is kept.")
@click.option(
    "--no-suppress",
    is_flag=True,
    help="They may be asked again; what they said no to stays said.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@json_option
def erase_command(
    *,
    identifier: str,
    kind: str | None,
    organisation: str | None,
    reason: str,
    no_suppress: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase whoever IDENTIFIER names, and whoever they are linked with, for good."""
    own = whose(organisation)
    check_reason(reason, [identifier])
    if not yes:
        click.confirm("This cannot be undone. Erase this person?", abort=True, err=True)
    with db.write(own, alone=True) as tx:
        configuration = notices.configuration(tx, own)
        given = named(identifier, kind, configuration)
        eraser = Eraser(tx, keys_of(own, tx), configuration, log_of(tx, own), current.now())
        wanted = Wanted(reason=reason, actor=ACTOR, suppress=not no_suppress)
        done = eraser.person([given], wanted)
    db.empty_log()
    if as_json:
        click.echo(to_json(done.as_json()))
        return
    if done.subjects:
        click.echo(f"Erased: {len(done.subjects)} subject(s).")
    else:
        click.echo("Nobody was known by this identifier.")
    click.echo(f"Suppressions added: {done.suppressions}.")
    if done.vaulted_until is not None:
        until = rfc3339_micros(done.vaulted_until)
        click.echo(
            f"Proofs in the vault, without an identifier: {done.vaulted}, until {until}."
        )


@click.command("replay")
@organisation_option
@json_option
def replay_command(*, organisation: str | None, as_json: bool) -> None:
    """Erase, suppress and refuse again what the journal tells, after an older backup.

    A second run finds nothing to do.
    """
    own = whose(organisation)
    with db.write(own, alone=True) as tx:
        configuration = notices.configuration(tx, own)
        eraser = Eraser(tx, keys_of(own, tx), configuration, log_of(tx, own), current.now())
        replay = Replay(eraser, ACTOR)
        replay.run()
    db.empty_log()
    if as_json:
        click.echo(to_json(replay.as_json()))
        return
    click.echo(
        f"Erased again: {replay.erased}. Suppressed again: {replay.suppressed}."
        f" Refused again: {replay.refused}."
    )
