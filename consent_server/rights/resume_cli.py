"""`consent ledger resume`: go on from an older backup without forgetting who said no since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
from tqdm import tqdm

from .. import db, ledger, notices
from ..clock import rfc3339_micros, to_micros
from ..db import Sql, to_json
from ..ids import new_id, public
from ..organisations import audit, keys_of, log_of
from ..organisations.terminal import ACTOR, json_option
from ..web import current
from .erase import Eraser
from .replay import Replay

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERYBODY: Final = Sql("SELECT organisation_id FROM organisation_directory")


@click.command("resume")
@click.option(
    "--anyway",
    is_flag=True,
    help="Every log, also where nothing shows that more was signed: its guard is old too.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@json_option
def resume_command(*, anyway: bool, yes: bool, as_json: bool) -> None:
    """Go on from an older database where there is no newer one; stop server and worker first.

    What the journal tells is done again: noes, suppressions, erasures. Then each log that
    had signed more goes on under another name, and the old name signs nothing more. Proofs
    given before stay good, under the old name. Facts of the time between that were no
    noes are lost.
    """
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    plans = {plan.log: plan for plan in ledger.to_resume(signer, anyway=anyway)}
    if not yes:
        click.confirm(_question(list(plans.values())), abort=True, err=True)
    told = _replayed(plans)
    for plan in plans.values():
        ledger.resume(signer, plan, now=to_micros(current.now()))
    db.empty_log()
    logs = [
        {
            "log": plan.log,
            "before": plan.before,
            "signed": plan.signed,
            "origin": plan.origin,
            "size": plan.size,
            "key": signer.key_for(plan.origin).vkey,
        }
        for plan in plans.values()
    ]
    if as_json:
        click.echo(to_json({"logs": logs, **told}))
        return
    done = (f"{what} again: {count}" for what, count in told.items())
    click.echo(f"{'. '.join(done).capitalize()}.")
    for each in logs:
        click.echo(
            f"{each['log']}: {each['before']} ended at {each['signed']} entries; from"
            f" {each['size']} on it is {each['origin']}, with the key\n{each['key']}"
        )
    if not logs:
        click.echo("Every log is continued by the database: none had to go on anew.")


def _question(plans: list[ledger.Resuming]) -> str:
    lost = [f"{plan.log}: {plan.signed - plan.size} entries are lost" for plan in plans]
    return f"{'; '.join(lost) or 'No log is behind'}. Go on from this database?"


def _replayed(plans: Mapping[str, ledger.Resuming]) -> dict[str, int]:
    """Do again what the journal tells of each organisation, and record what ended."""
    with db.read() as tx:
        everybody = sorted(number for (number,) in tx.run(_EVERYBODY))
    told: dict[str, int] = {"erased": 0, "suppressed": 0, "refused": 0}
    with tqdm(everybody, unit=" organisations", disable=None) as bar:
        for organisation in bar:
            for what, count in _replay(organisation, plans).items():
                told[what] += count
    return told


def _replay(organisation: int, plans: Mapping[str, ledger.Resuming]) -> dict[str, int]:
    now = current.now()
    with db.write(organisation, alone=True) as tx:
        keys, log = keys_of(organisation, tx), log_of(tx, organisation)
        configuration = notices.configuration(tx, organisation)
        replay = Replay(Eraser(tx, keys, configuration, log, now), ACTOR)
        replay.run()
        if log in plans:
            number, at = new_id(), to_micros(now)
            ledger.append(
                tx,
                organisation=organisation,
                log=log,
                record_id=number,
                kind="resumption",
                record=_record(organisation, plans[log], at),
                recorded_at=at,
                keys=keys,
            )
            audit(
                tx,
                organisation=organisation,
                actor=ACTOR,
                action="ledger.resumed",
                target=public("org", organisation),
                now=now,
            )
    return replay.as_json()


def _record(organisation: int, plan: ledger.Resuming, at: int) -> dict[str, Any]:
    return {
        "v": 1,
        "kind": "resumption",
        "organisation": public("org", organisation),
        "recorded_at": rfc3339_micros(at),
        # The last head under the old name, signed: what this log goes on from.
        "ended": plan.ended,
        "entries_kept": str(plan.size),
        "origin": plan.origin,
    }
