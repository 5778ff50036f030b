"""`consent bench …`: a large base to measure with."""

from __future__ import annotations

import time
from typing import Final

import click
from tqdm import tqdm

from ..alone import alone
from ..db import to_json
from ..web import current
from .populate import SLUG, already, begin, populate

_MOST: Final = 100_000_000


@click.group("bench")
def bench_commands() -> None:
    """Make what measuring needs."""


@bench_commands.command("populate")
@click.option(
    "--subjects", type=click.IntRange(1, _MOST), required=True, help="How many in all."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another, other people.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def populate_command(*, subjects: int, seed: int, as_json: bool) -> None:
    """Fill an organisation of its own, called `bench`, with made people and their choices.

    Everything is as the server's own doors leave it: facts, standing, ledger. The same seed
    makes the same people. Stopped, or asked for more, it goes on from those it made.
    """
    now = current.now()
    # Two would each go on from where both began.
    with alone(current.settings().data / "bench.lock", "people are being made here already"):
        organisation = begin(now=now)
        there = already(organisation, subjects=subjects, seed=seed)
        began, own = time.perf_counter(), time.process_time()
        with tqdm(total=subjects, initial=there, unit=" people", disable=None) as bar:
            rows = populate(
                organisation,
                subjects=subjects,
                seed=seed,
                now=now,
                there=there,
                told=bar.update,
            )
    seconds, own = time.perf_counter() - began, time.process_time() - own
    if as_json:
        figures = {
            "subjects": subjects, "there": there, "rows": rows, "seconds": round(seconds, 2)
        }  # fmt: skip
        click.echo(to_json({"organisation": SLUG, **figures, "cpu_seconds": round(own, 2)}))
        return
    click.echo(
        f"{subjects - there:,} people, {rows:,} rows in {seconds:,.1f} s"
        f" ({rows / seconds:,.0f} rows/s) for the organisation {SLUG}."
    )
