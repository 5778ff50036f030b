"""`consent proof`: the file that a stranger can check."""

from __future__ import annotations

from pathlib import Path

import click

from .. import db, ledger, organisations
from ..ids import parse
from ..organisations.terminal import looked
from ..problems import NotFound
from ..web import current


@click.command("proof")
@click.argument("organisation")
@click.argument("decision")
@click.option("--to", "target", type=click.Path(dir_okay=False), help="Write it to this file.")
@click.option("--opening", is_flag=True, help="Also show whom it is about, to who knows them.")
def proof_command(
    *, organisation: str, decision: str, target: str | None, opening: bool
) -> None:
    """Give the proof of a DECISION of an ORGANISATION, for `consent verify`.

    The audit trail keeps that it was asked for.
    """
    with db.read() as tx:
        number = organisations.find(tx, organisation)
    record = parse("dec", decision)
    if number is None or record is None:
        raise NotFound("there is no such organisation or decision")
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    with db.write(number) as tx:
        bundle = ledger.prove(
            tx,
            organisation=number,
            record_id=record,
            keys=organisations.keys_of(number, tx),
            signer=signer,
            opening=opening,
        )
        looked(tx, number, "decision.proved", decision)
    written = ledger.proof_bytes(bundle)
    if target is None:
        click.echo(written)
    else:
        Path(target).write_bytes(written)
        click.echo(f"Written to {target}. Check it with: consent verify {target} --key …")
