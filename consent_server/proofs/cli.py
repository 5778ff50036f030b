"""`consent verifier` and `consent prove`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import db, notices
from ..ids import public
from ..organisations.terminal import MOMENT, looked, whose
from ..subjects.terminal import kind_option, named
from ..web import current
from .verifier import NAME, verifier_file

if TYPE_CHECKING:
    from datetime import datetime


@click.command("verifier")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(NAME),
    show_default=True,
    help="The file to write.",
)
def verifier_command(output: Path) -> None:
    """Write the verifier as one file to hand over: it needs Python 3.11 and nothing else."""
    output.write_bytes(verifier_file())
    output.chmod(0o755)
    click.echo(f"{output}: check a proof with `python3 {output.name} proof.json --key VKEY`")


@click.command("prove")
@click.option("--subject", "identifier", required=True, help="Her address, number or id.")
@kind_option
@click.option(
    "--purpose", required=True, help="What for: a purpose, or a family and a channel."
)
@click.option("--channel", help="With the name of a family: on which channel.")
@click.option("--at", type=MOMENT, help="The moment in dispute; now, unless said.")
@click.option(
    "--organisation", metavar="SLUG", help="Whose; not needed while there is only one."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The archive to write.",
)
def prove_command(
    *,
    identifier: str,
    kind: str | None,
    purpose: str,
    channel: str | None,
    at: datetime | None,
    organisation: str | None,
    output: Path,
) -> None:
    """Put everything about one dispute into one archive, which is checked without us.

    Every decision of the person about the purpose, the words, proofs, stamps and keys, cover
    pages in French and English, and the verifier. The audit trail keeps that it was made.
    """
    # What makes pages is not read for the verifier alone.
    from .dispute import dispute_file  # noqa: PLC0415
    from .gather import Asked, gather  # noqa: PLC0415

    if at is not None and at > current.now():
        raise click.UsageError("Ask about now or the past.")
    own = whose(organisation)
    with db.read(own) as tx:
        person = named(identifier, kind, notices.configuration(tx, own))
    asked = Asked(
        organisation=own,
        person=person,
        typed=identifier,
        purpose=purpose,
        channel=channel,
        at=at or current.now(),
    )
    dispute = gather(asked)
    written = dispute_file(dispute)
    with db.write(own) as tx:
        purpose = dispute.purpose.slug
        looked(tx, own, "dispute.proved", public("sub", dispute.subject), purpose=purpose)
    output.write_bytes(written)
    click.echo(f"{output}: {len(dispute.decisions)} decision(s), {len(written):,} bytes.")
    click.echo(f"Check it with: consent verify {output} --key …", err=True)
