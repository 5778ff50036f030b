"""The command: `consent verify FILE --key VKEY`."""

from collections.abc import Iterable
from pathlib import Path

import click

from consent_server.verify.check import verify_bundle
from consent_server.verify.exact import MAX_BYTES, canonical
from consent_server.verify.keys import BadKeyError
from consent_server.verify.stamp import BadAuthorityError
from consent_server.verify.verdict import Sort, Verdict
from consent_server.verify.words import LANGUAGES, say


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
    help="A file of certificates (PEM) of those you trust to stamp times.",
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
    """Check a proof FILE offline, with the log's public key alone ("-" reads from a pipe).

    Answers 0 when the proof holds, 1 when it does not, 2 when the question is wrong.
    """
    with click.open_file(file, "rb") as opened:
        # A little more than may be read is enough to refuse the file.
        data = opened.read(MAX_BYTES + 2)
    try:
        verdict = verify_bundle(
            data,
            keys=_gather(keys),
            identifier=identifier,
            authorities=b"\n".join(each.read_bytes() for each in authorities) or None,
        )
    except BadKeyError as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    except BadAuthorityError as error:
        raise click.BadParameter(str(error), param_hint="--authority") from error
    if as_json:
        click.echo(canonical(verdict.as_value(language)))
    else:
        click.echo(_page(verdict, language))
    click.get_current_context().exit(0 if verdict.holds else 1)


def _gather(keys: Iterable[str]) -> list[str]:
    gathered = []
    for key in keys:
        gathered += _keys_in(Path(key)) if _is_file(key) else [key]
    return gathered


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _keys_in(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeyError(f"{path} cannot be read as keys") from error
    keys = [line for line in lines if line and not line.startswith("#")]
    if not keys:
        raise BadKeyError(f"{path} holds no key")
    return keys


def _page(verdict: Verdict, language: str) -> str:
    parts = [say(language, "holds" if verdict.holds else "fails")]
    for sort in (Sort.REFUSED, Sort.PROVED, Sort.TOLD, Sort.NOT_PROVED):
        found = verdict.of(sort)
        if found:
            lines = [f"  - {_printable(each.say(language))}" for each in found]
            title = say(language, "part", {"title": say(language, sort.value)})
            parts.append("\n".join([title, *lines]))
    return "\n\n".join(parts)


def _printable(text: str) -> str:
    """Show control characters instead of obeying them: the file is a stranger's."""
    kept = "\u00a0"  # French sets it before its colons
    return "".join(
        each if each.isprintable() or each == kept else f"\\u{ord(each):04x}" for each in text
    )
