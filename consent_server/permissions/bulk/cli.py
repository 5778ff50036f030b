"""`consent filter`: a list in, those who may be contacted out, and the clearance beside it."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
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
from .csv_format import DELIMITERS, Wish
from .hands import fork_hands, processors
from .intake import BLOCK, blocks
from .order import Deployment, Order
from .remote import ask_server
from .rows import KINDS
from .run import Run
from .sheets import ENDINGS, Questionnaire, open_sheet

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

    FILE is CSV, Excel (.xlsx) or Parquet whose first line names its columns, or NDJSON, one
    object a line; what is written is of the same kind, every line with its reason. The
    clearance, the signed proof of having asked, is written beside it as `….clearance.json`.
    """
    kept = None if only == "all" else only
    plain = file.with_suffix("") if file.suffix == ".gz" else file
    goal = output or plain.with_name(f"{plain.stem}.{only}{plain.suffix}")
    _refuse_goal(file, goal)
    with ExitStack() as stack:
        task = _task(file, Order(only=kept, **asked), stack)
        if url is not None:
            clearance = _asked_there(url, key_file, task, goal)
        else:
            clearance = _asked_here(whose(organisation), task, goal)
    beside = _beside(goal)
    _write_whole(beside, _put_lines, iter([f"{to_json(clearance)}\n".encode()]))
    _tell(clearance, goal, beside, language=language, as_json=as_json)


@dataclass(frozen=True)
class _Task:
    """What is asked, and how the answer is put into a file."""

    order: Order
    question: Iterator[bytes]
    size: int
    put: Callable[[Path, Iterator[bytes]], None]


def _refuse_goal(file: Path, goal: Path) -> None:
    if goal.resolve() == file.resolve():
        raise click.UsageError("The list itself is not written over: name another --output.")
    kinds = {file.suffix.lower(), goal.suffix.lower()}
    if len(kinds) > 1 and kinds & ENDINGS:
        raise click.UsageError(f"The answer is of the list's own kind: name a {file.suffix}.")


def _task(file: Path, order: Order, stack: ExitStack) -> _Task:
    size = file.stat().st_size
    if file.suffix.lower() in ENDINGS:
        wish = Wish(order.channel, None, order.identifier, order.column)
        asking = Questionnaire(open_sheet(file), wish)
        # What is sent is a list of ours: how the sheet is laid out is nobody's business.
        order = replace(order, delimiter=None, identifier=None, column=None)
        bar = _bar(stack, total=asking.sheet.size, unit=" rows")
        return _Task(order, asking.question(bar.update), size, asking.write)
    table = not _NDJSON & set(file.suffixes)
    bar = _bar(stack, total=size, unit="B", unit_scale=True)
    order = replace(order, csv_in=table, csv_out=table)
    return _Task(order, _followed(file, bar.update), size, _put_lines)


def _bar(stack: ExitStack, **told: Any) -> Any:
    # No thread that looks after it: the process of a long list forks.
    tqdm.monitor_interval = 0
    return stack.enter_context(closing(tqdm(disable=None, **told)))


def _followed(file: Path, told: Callable[[int], object]) -> Iterator[bytes]:
    with file.open("rb") as opened:
        packed = file.suffix == ".gz"
        at = 0
        for block in blocks(opened, gzip=packed, most=sys.maxsize):
            told(opened.tell() - at)
            at = opened.tell()
            yield block


def _asked_here(organisation: int, task: _Task, goal: Path) -> dict[str, Any]:
    settings = current.settings()
    here = Deployment(
        data=settings.data,
        clock=current.clock(),
        keys=keys_of(organisation),
        signer=ledger.LogSigner.of(settings, current.keyring()),
        actor=ACTOR,
    )
    # What exists now lives as long as the command: the collector need not look at it again
    # for each few hundred lines, which takes a third of their time.
    gc.collect()
    gc.freeze()
    hands = fork_hands if processors() > 1 else None
    with closing(Run(task.order, here, new_id(), hands=hands)) as run:
        run.take(task.question, here=task.size)
        _write_whole(goal, task.put, run.answer())
        if run.clearance is None:
            raise click.ClickException("The list was not answered to its end.")
        return run.clearance


def _asked_there(url: str, key_file: Path | None, task: _Task, goal: Path) -> dict[str, Any]:
    key = key_file.read_text("utf-8").strip() if key_file else api_key()
    if not key:
        raise click.UsageError("Name the server's key with --key-file, or CONSENT_API_KEY.")
    with ask_server(url, key, task.order, task.question) as asked:
        _write_whole(goal, task.put, asked.answer())
        return asked.clearance()


def _beside(goal: Path) -> Path:
    return goal.with_name(f"{goal.name}.clearance.json")


def _write_whole(
    goal: Path, put: Callable[[Path, Iterator[bytes]], None], answer: Iterator[bytes]
) -> None:
    """Write all of it or nothing: a list cut short would look like one."""
    waiting = goal.with_name(f".{goal.name}.part")
    try:
        put(waiting, answer)
        with waiting.open("rb") as file:
            os.fsync(file.fileno())
        # The clearance of an earlier list is not this one's, whoever is killed in between.
        _beside(goal).unlink(missing_ok=True)
        waiting.replace(goal)
    finally:
        waiting.unlink(missing_ok=True)


def _put_lines(waiting: Path, answer: Iterator[bytes]) -> None:
    with waiting.open("wb", buffering=BLOCK) as file:
        file.writelines(answer)


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
