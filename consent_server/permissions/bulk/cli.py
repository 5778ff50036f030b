"""`consent filter`: a list in, those who may be contacted out, and the clearance beside it."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from tqdm import tqdm

from ... import ledger
from ...config import api_key
from ...db import to_json
from ...ids import new_id
from ...organisations import keys_of
from ...organisations.terminal import ACTOR, json_option, whose
from ...web import current
from ..explain import explain_reason
from ..schemas import CHANNELS
from .csv_format import DELIMITERS
from .intake import BLOCK, blocks
from .order import Deployment, Order
from .remote import ask_server
from .rows import KINDS
from .run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NDJSON: Final = frozenset({".ndjson", ".jsonl"})


@click.command("filter")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--purpose", required=True, help="A purpose, or a family with --channel.")
@click.option("--channel", type=click.Choice(CHANNELS), help="On which channel.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write; beside the list if not said.",
)
@click.option(
    "--only",
    type=click.Choice(("allowed", "denied", "all")),
    default="allowed",
    show_default=True,
    help="Which lines to write.",
)
@click.option("--organisation", metavar="SLUG", help="Whose; not needed while there is one.")
@click.option("--column", help="The column that names the person.")
@click.option("--identifier", type=click.Choice(KINDS), help="What that column holds.")
@click.option(
    "--delimiter", type=click.Choice(tuple(DELIMITERS)), help="Found out if not said."
)
@click.option("--url", help="Ask this server instead of the local database.")
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Where that server's API key is written; else it is CONSENT_API_KEY.",
)
@click.option("--lang", "language", type=click.Choice(("en", "fr")), default="en")
@json_option
def filter_command(
    *,
    file: Path,
    output: Path | None,
    organisation: str | None,
    url: str | None,
    key_file: Path | None,
    language: str,
    as_json: bool,
    only: str,
    **asked: Any,
) -> None:
    """Keep the lines of a list FILE whose people may be contacted.

    A CSV file needs a first line that names its columns; NDJSON is one object a line. Every
    line written carries its reason. The clearance, the signed proof of having asked, is
    written beside it as `….clearance.json`.
    """
    kept = None if only == "all" else only
    table = file.suffix.lower() not in _NDJSON
    order = Order(only=kept, csv_in=table, csv_out=table, **asked)
    goal = output or file.with_name(f"{file.stem}.{only}{file.suffix}")
    if goal.resolve() == file.resolve():
        raise click.UsageError("The list itself is not written over: name another --output.")
    with ExitStack() as stack:
        bar = tqdm(total=file.stat().st_size, unit="B", unit_scale=True, disable=None)
        stack.enter_context(closing(bar))
        question = _followed(file, bar.update)
        if url is not None:
            clearance = _asked_there(url, key_file, order, question, goal)
        else:
            clearance = _asked_here(whose(organisation), order, question, goal)
    beside = goal.with_name(f"{goal.name}.clearance.json")
    beside.write_text(to_json(clearance) + "\n", "utf-8")
    _tell(clearance, goal, beside, language=language, as_json=as_json)


def _followed(file: Path, told: Callable[[int], object]) -> Iterator[bytes]:
    with file.open("rb") as opened:
        for block in blocks(opened, gzip=file.suffix == ".gz", most=file.stat().st_size):
            told(len(block))
            yield block


def _asked_here(
    organisation: int, order: Order, question: Iterator[bytes], goal: Path
) -> dict[str, Any]:
    settings = current.settings()
    here = Deployment(
        data=settings.data,
        clock=current.clock(),
        keys=keys_of(organisation),
        signer=ledger.LogSigner.of(settings, current.keyring()),
        actor=ACTOR,
    )
    with closing(Run(order, here, new_id())) as run:
        # The list lies on this disk already: it needs no second place on it.
        run.take(question, duplex=True)
        _write_whole(goal, run.answer())
        if run.clearance is None:
            raise click.ClickException("The list was not answered to its end.")
        return run.clearance


def _asked_there(
    url: str, key_file: Path | None, order: Order, question: Iterator[bytes], goal: Path
) -> dict[str, Any]:
    key = key_file.read_text("utf-8").strip() if key_file else api_key()
    if not key:
        raise click.UsageError("Name the server's key with --key-file, or CONSENT_API_KEY.")
    with ask_server(url, key, order, question) as asked:
        _write_whole(goal, asked.answer())
        return asked.clearance()


def _write_whole(goal: Path, answer: Iterator[bytes]) -> None:
    """Write all of it or nothing: a list cut short would look like one."""
    waiting = goal.with_name(f".{goal.name}.part")
    try:
        with waiting.open("wb", buffering=BLOCK) as file:
            for block in answer:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(goal)
    finally:
        waiting.unlink(missing_ok=True)


def _tell(
    clearance: dict[str, Any], goal: Path, beside: Path, *, language: str, as_json: bool
) -> None:
    if as_json:
        click.echo(to_json({"file": str(goal), "clearance": clearance}))
        return
    for because, count in sorted(clearance["counts"].items(), key=lambda each: -each[1]):
        click.echo(f"{count:>10,}  {because:<20} {explain_reason(because, language)}")
    click.echo(f"{clearance['asked']:>10,}  in all")
    click.echo(f"Written to {goal}; the clearance {clearance['id']} to {beside}.")
