"""`consent import`: what another tool knew, looked at first, carried over when told so."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from .. import db
from ..clock import to_micros
from ..db import to_json
from ..organisations import keys_of
from ..organisations.terminal import (
    ACTOR,
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..problems import NotFound
from ..web import current
from . import begin, jobs
from .decode import CHARSETS
from .errors import ErrorsFile
from .job import NewJob
from .jobs import Overtaken
from .manner import CSV, NDJSON
from .rules.presets import PRESETS
from .rules.values import DEFAULTS
from .run import Runner, files_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .job import Job

_PIECE = 64 * 1024
_ENDINGS = {".ndjson": NDJSON, ".jsonl": NDJSON}


def _with_defaults(command: Callable[..., Any]) -> Callable[..., Any]:
    for name in reversed(DEFAULTS):
        text = f"The {name.replace('_', ' ')} of every row that does not say another one."
        command = click.option(f"--{name.replace('_', '-')}", name, help=text)(command)
    return command


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False), required=False)
@organisation_option
@click.option("--apply", is_flag=True, help="Carry it over; else only say what would happen.")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="Whose export it is.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="OURS=THEIRS",
    help="Which column is which; or the name of a saved mapping.",
)
@click.option("--save-map", metavar="NAME", help="Save the pairs by this name.")
@click.option("--header", help="The columns of a file that names none: email,purpose,answer")
@click.option(
    "--service",
    "services",
    multiple=True,
    metavar="SERVICE=PURPOSE",
    help="Of a banner's cookie, which service is which purpose; - leaves it out.",
)
@click.option("--zone", help="Of times that name none, such as Europe/Paris.")
@click.option("--charset", type=click.Choice(CHARSETS), help="Of a file that is not UTF-8.")
@click.option("--errors", type=click.Path(dir_okay=False), help="Write refused rows here.")
@click.option("--resume", metavar="JOB", help="Go on with an import that was broken off.")
@click.option("--list", "listing", is_flag=True, help="List the latest imports.")
@_with_defaults
@json_option
def import_command(
    *,
    file: str | None,
    organisation: str | None,
    errors: str | None,
    resume: str | None,
    listing: bool,
    as_json: bool,
    **told: Any,
) -> None:
    """Say what of FILE would be carried over; with --apply, carry it over.

    Rows that would turn a no into a yes are refused, each with its line and what would be
    right. The same file twice changes nothing.
    """
    own = whose(organisation)
    if listing:
        _list(own, as_json=as_json)
        return
    if resume is None and file is None:
        raise click.UsageError("Name a FILE, or an import to --resume.")
    job = _again(own, resume) if resume else _begun(own, str(file), told)
    done = _run(job, quiet=as_json)
    _, path = files_of(own, done.name, current.settings().data)
    if errors:
        Path(errors).write_bytes(b"".join(ErrorsFile(path).read(done.errors_bytes)))
    if as_json:
        click.echo(to_json(done.said()))
    else:
        _tell(done.said(), errors)
    if done.state != "done":
        raise click.exceptions.Exit(1)


def _list(own: int, *, as_json: bool) -> None:
    with db.write(own) as tx:
        rows = [each.said() for each in jobs.listed(tx, keys_of(own, tx))]
        looked(tx, own, "imports.listed")
    names = ("id", "state", "dry_run", "created_at", "rows", "new", "unchanged", "refused")
    show_rows(rows, {name: name for name in names}, as_json=as_json, empty="None yet.")


def _begun(own: int, file: str, told: dict[str, Any]) -> Job:
    form = _ENDINGS.get(Path(file.removesuffix(".gz")).suffix, CSV)
    with db.read(own) as tx:
        columns = _columns(tx, own, told["pairs"])
    asked = {
        "preset": told["preset"],
        "columns": columns,
        "header": told["header"].split(",") if told["header"] else None,
        "purposes": begin.read_pairs(",".join(told["services"]), "--service")
        if told["services"]
        else {},
        "zone": told["zone"],
        "defaults": {name: told[name] for name in DEFAULTS if told[name]},
    }
    most = current.settings().limits.import_bytes
    with _pieces(file) as pieces:
        job, total, kept = begin.keep(
            own, pieces, asked, form=form, charset=told["charset"], most=most
        )
    now = current.now()
    with db.write(own) as tx:
        if told["save_map"]:
            begin.save_mapping(tx, own, told["save_map"], columns, to_micros(now))
        wanted = NewJob(
            id=job, asked=kept, total=total, dry=not told["apply"], actor=ACTOR, held=True
        )
        return jobs.create(tx, keys_of(own, tx), wanted, now=now)


def _columns(tx: db.Transaction, own: int, pairs: tuple[str, ...]) -> dict[str, str]:
    if len(pairs) == 1 and "=" not in pairs[0]:
        try:
            return begin.saved_mapping(tx, own, pairs[0])
        except NotFound:
            raise click.BadParameter(
                "no mapping is saved by this name.", param_hint="--map"
            ) from None
    return begin.read_pairs(",".join(pairs), "--map") if pairs else {}


@contextmanager
def _pieces(file: str) -> Iterator[Iterator[bytes]]:
    with Path(file).open("rb") as opened:
        yield iter(lambda: opened.read(_PIECE), b"")


def _again(own: int, name: str) -> Job:
    now = current.now()
    with db.write(own) as tx:
        job = jobs.find(tx, keys_of(own, tx), name)
        if job.finished_at is None and not jobs.take(tx, own, name, now):
            raise click.ClickException(
                "Somebody carries this import on just now; try again in a minute."
            )
        return jobs.find(tx, keys_of(own, tx), name)


def _run(job: Job, *, quiet: bool) -> Job:
    if job.finished_at is not None:
        return job
    with tqdm(
        total=2 * job.total_bytes,
        initial=job.at_bytes,
        unit="B",
        unit_scale=True,
        leave=False,
        disable=True if quiet else None,
    ) as bar:

        def told(now: Job) -> None:
            bar.set_postfix(rows=now.counts.get("rows", 0), refresh=False)
            bar.update(now.at_bytes - bar.n)

        try:
            return Runner(job).run(told=told)
        except Overtaken:
            raise click.ClickException("Somebody else carries this import on now.") from None


def _unread(one: dict[str, Any]) -> str:
    if one["like"] is None:
        return str(one["column"])
    return f"{one['column']} (is it {one['like']}? --map {one['like']}={one['column']})"


def _tell(said: dict[str, Any], errors: str | None) -> None:
    would = "would be " if said["dry_run"] else ""
    if said["state"] != "done":
        click.echo(f"{said['id']} {said['state']}: {said['because'] or 'resume it later'}")
    click.echo(f"{said['rows']:>9}  rows read")
    click.echo(f"{said['new']:>9}  {would}new")
    click.echo(f"{said['unchanged']:>9}  {would}unchanged")
    click.echo(f"{said['refused']:>9}  {would}refused")
    for each in said["reasons"]:
        lines = ", ".join(map(str, each["lines"]))
        more = " …" if each["rows"] > len(each["lines"]) else ""
        click.echo(f"{each['rows']:>13}  {each['code']}: {each['means']} (line {lines}{more})")
    if said["unread"]:
        click.echo(f"Columns not read: {', '.join(map(_unread, said['unread']))}.")
    if said["refused"] and errors:
        click.echo(f"Each refused row stands in {errors}.")
    elif said["refused"]:
        click.echo("Say --errors FILE to have each refused row by line and column.")
    if said["dry_run"]:
        click.echo("Nothing was recorded. Carry it over with --apply.")
