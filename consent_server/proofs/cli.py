"""`consent verifier`."""

from __future__ import annotations

from pathlib import Path

import click

from .verifier import NAME, verifier_file


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
