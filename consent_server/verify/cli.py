"""The command: `consent verify FILE --key VKEY`."""

from pathlib import Path

import click

from consent_server.verify.keys import BadKeyError
from consent_server.verify.page import MOST_READ, check_file, show
from consent_server.verify.verdict import BadAuthorityError
from consent_server.verify.words import LANGUAGES


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--key",
    "keys",
    required=True,
    multiple=True,
    metavar="VKEY",
    help="A key you trust (name+id+base64), or a file that holds some, one per line.",
)
@click.option("--for", "identifier", help="Also show that it is about this address or number.")
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of certificates (PEM) of those you trust to stamp times: theirs or a root's.",
)
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def verify_command(
    *,
    file: str,
    keys: tuple[str, ...],
    identifier: str | None,
    authorities: tuple[Path, ...],
    language: str,
    as_json: bool,
) -> None:
    """Check a proof FILE, or a dispute's archive, with the log's public key alone.

    It needs no connection; "-" reads from a pipe.

    Answers 0 when the proof holds, 1 when it does not, 2 when the question is wrong.
    """
    with click.open_file(file, "rb") as opened:
        data = opened.read(MOST_READ)
    try:
        verdict = check_file(
            data,
            keys=keys,
            identifier=identifier,
            authorities=authorities,
        )
    except BadKeyError as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    except BadAuthorityError as error:
        raise click.BadParameter(str(error), param_hint="--authority") from error
    click.echo(show(verdict, language, as_json=as_json))
    click.get_current_context().exit(0 if verdict.holds else 1)
