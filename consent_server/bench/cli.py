"""`consent bench …`: a large base to measure with."""

from __future__ import annotations

import time
from typing import Final

import click
from tqdm import tqdm

from ..db import to_json
from ..web import current
from .populate import SLUG, begin, populate

_MOST: Final = 100_000_000


@click.group("bench")
def bench_commands() -> None:
    """Make what measuring needs."""


@bench_commands.command("populate")
@click.option("--subjects", type=click.IntRange(1, _MOST), required=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another, other people.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def populate_command(*, subjects: int, seed: int, as_json: bool) -> None:
    """Fill an organisation of its own, called `bench`, with made people and their choices.

    Everything is as the server's own doors leave it: facts, standing, ledger. The same seed
    makes the same people. It must have nobody in it yet.
    """
    now = current.now()
    organisation = begin(now=now)
    began, own = time.perf_counter(), time.process_time()
    with tqdm(total=subjects, unit=" people", disable=None) as bar:
        rows = populate(organisation, subjects=subjects, seed=seed, now=now, told=bar.update)
    seconds, own = time.perf_counter() - began, time.process_time() - own
    if as_json:
        figures = {"subjects": subjects, "rows": rows, "seconds": round(seconds, 2)}
        click.echo(to_json({"organisation": SLUG, **figures, "cpu_seconds": round(own, 2)}))
        return
    click.echo(
        f"{subjects:,} people, {rows:,} rows in {seconds:,.1f} s ({rows / seconds:,.0f} rows/s)"
        f" for the organisation {SLUG}."
    )
