"""`consent check-message`: is this message fit to send?"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

from ..db import to_json, write
from ..mail.records import UnreadableRecords, read_records
from ..organisations.terminal import json_option, looked, organisation_option, whose
from .checker.check import WORDS, check
from .checker.letter import MOST_BYTES, UnreadableLetter
from .checker.rules import ERROR

if TYPE_CHECKING:
    from .checker.check import Checked

_UNREADABLE = 2
_MOST_RECORDS = 1024 * 1024


@click.command("check-message")
@click.argument("file", type=click.File("rb"))
@organisation_option
@json_option
@click.option(
    "--records",
    type=click.File(encoding="utf-8"),
    help="The signing domain's TXT records, as dig prints them: checks the signature too.",
)
@click.option("--lang", type=click.Choice(sorted(WORDS)), default="en", help="In which words.")
@click.pass_context
def check_message_command(
    context: click.Context,
    *,
    file: BinaryIO,
    organisation: str | None,
    records: TextIO | None,
    as_json: bool,
    lang: str,
) -> None:
    """Check a message before it is sent: FILE.eml as it would leave, - for a pipe.

    Ends with 0 if it is fit, 1 if not, 2 if it is no message.
    """
    own = whose(organisation)
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        click.echo(f"It cannot be checked: at most {MOST_BYTES} bytes are read.", err=True)
        context.exit(_UNREADABLE)
    try:
        told = read_records(records.read(_MOST_RECORDS)) if records else ()
        checked = check(own, raw, asked=lambda _: None, records=told)
    except (UnreadableLetter, UnreadableRecords, UnicodeDecodeError) as error:
        click.echo(f"It cannot be checked: {error}.", err=True)
        context.exit(_UNREADABLE)
    with write(own) as tx:
        # It was told how somebody stands: a look like any other.
        looked(tx, own, "message.checked", "message")
    click.echo(to_json(checked.as_json()) if as_json else _in_words(checked, lang))
    context.exit(0 if checked.fit else 1)


def _in_words(checked: Checked, language: str) -> str:
    words = WORDS[language]
    lines = [words["fit" if checked.fit else "not_fit"]]
    for each in checked.findings:
        mark = "✗" if each.severity == ERROR else "!"
        lines.append(f"{mark} {words[each.code]} ({each.where})")
        lines.append(f"    {words[f'mend_{each.code}']}")
    return "\n".join(lines)
