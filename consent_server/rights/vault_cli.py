"""`consent vault list|prove`: for whoever answers for data protection, and nobody else."""

from __future__ import annotations

from pathlib import Path

import click

from .. import db, ledger, notices
from ..clock import rfc3339_micros, to_micros
from ..ids import parse, public
from ..organisations import keys_of
from ..organisations.terminal import (
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..problems import NotFound
from ..subjects.terminal import kind_option, named
from ..web import current
from .vault import in_vault, prove_vaulted


@click.group("vault")
def vault_commands() -> None:
    """See and prove what outlives an erasure until its date; each look is audited."""


@vault_commands.command("list")
@click.option("--for", "identifier", help="Only what is about this address or number.")
@kind_option
@organisation_option
@json_option
def list_command(
    *, identifier: str | None, kind: str | None, organisation: str | None, as_json: bool
) -> None:
    """List what is in the vault, and until when."""
    own = whose(organisation)
    with db.write(own) as tx:
        configuration = notices.configuration(tx, own)
        person = named(identifier, kind, configuration) if identifier else None
        rows = in_vault(tx, own, person)
        looked(tx, own, "vault.listed")
    shown = [
        {
            "decision": public("dec", row.record),
            "kept_at": rfc3339_micros(row.kept_at),
            "until": rfc3339_micros(row.ends_at),
        }
        for row in rows
    ]
    columns = {"decision": "decision", "kept": "kept_at", "until": "until"}
    show_rows(shown, columns, as_json=as_json, empty="Nothing of this is in the vault.")


@vault_commands.command("prove")
@click.argument("decision")
@organisation_option
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True)
def prove_command(*, decision: str, organisation: str | None, target: Path) -> None:
    """Write the proof of a DECISION in the vault, which shows whom it is about."""
    own = whose(organisation)
    record = parse("dec", decision)
    if record is None:
        raise NotFound("a decision reads dec_…")
    with db.write(own) as tx:
        proof = prove_vaulted(tx, keys_of(own, tx), record, now=to_micros(current.now()))
        looked(tx, own, "vault.proved", decision)
    target.write_bytes(ledger.proof_bytes(proof))
    click.echo(f"Written to {target}. Check it with: consent verify {target} --key …")
