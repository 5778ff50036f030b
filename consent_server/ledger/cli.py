"""`consent ledger`: check the log, show its key."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from .. import web
from ..clock import rfc3339_micros
from ..db import read, to_json
from .check import Finding, check_log
from .check_organisation import check_organisation
from .rotate import rotate
from .signer import MAIN_LOG, LogSigner, key_of_log
from .stamped import stamps
from .stored import logs, organisations, read_head
from .witness.cosign import Witness
from .witness.state import witness_states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_SHOWN = 100
_ROTATED = """The line above is the key that signs from now on: give it to whoever checks proofs
(`consent ledger key --all` has every key there was), and to the witnesses. Back up
CONSENT_DATA/keys. Where several machines share the database, copy log.key and log.retired
to all of them at once."""
_LEAKED = f"""{_ROTATED}

Whoever has the key before can sign another history with it: say so in public, with the time.
Under that key only what a time stamp or a witness shows to be older than the leak is to be
believed. Proofs fetched from now on stand under the new key, but for those over which a stamp
was given before. Statements that the old key signed (clearances) are refused from now on."""


@click.group("ledger")
def ledger_commands() -> None:
    """Check the log in which every fact has its signed place, or show its key."""


@ledger_commands.command("key")
@click.option("--log", default=MAIN_LOG, show_default=True, help="Which log.")
@click.option("--all", "every", is_flag=True, help="Those that signed before it too.")
def show_key(log: str, *, every: bool) -> None:
    """Print the key with which anybody checks what the log signs (`consent verify --key`)."""
    signer = _signer()
    with read() as tx:
        current = key_of_log(tx, signer, log)
    click.echo(current.vkey)
    if every:
        for key, known in zip(signer.keys_for(current.name), signer.known_keys(), strict=True):
            if known.until is not None:
                ended = "leaked, ended" if known.leaked else "ended"
                click.echo(f"# {ended} {rfc3339_micros(known.until * 1_000_000)}\n{key.vkey}")


@ledger_commands.command("rotate")
@click.option("--leaked", is_flag=True, help="The key before is in somebody else's hands.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def rotate_key(*, leaked: bool, as_json: bool) -> None:
    """Sign the log with a new key from now on; server and worker go on meanwhile.

    What the keys before signed is still checked with them: they stay in
    `/.well-known/jwks.json` and in `consent ledger key --all`, with the time they ended.
    """
    signer, keyring = _signer(), web.current.keyring()
    now = int(web.current.now().timestamp())
    signed = rotate(signer, keyring, leaked=leaked, now=now)
    with read() as tx:
        key = key_of_log(tx, signer, MAIN_LOG).vkey
    if as_json:
        click.echo(to_json({"key": key, "leaked": leaked, "signed_again": signed}))
    else:
        click.echo(f"{key}\n\n{_LEAKED if leaked else _ROTATED}")


@ledger_commands.command("check")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def check(*, as_json: bool) -> None:
    """Derive every leaf, tile and root again and compare with what is stored and signed.

    Also shows that each record has one entry and that each feed has no gap. Answers 0 when
    all agrees, 1 when something differs.
    """
    counts, findings = _check()
    if as_json:
        shown = [finding._asdict() for finding in findings]
        click.echo(to_json({"logs": counts, "findings": shown}))
    else:
        for finding in findings[:MOST_SHOWN]:
            click.echo(str(finding))
        click.echo(_conclusion(counts, findings))
    click.get_current_context().exit(1 if findings else 0)


@ledger_commands.command("stamps")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def list_stamps(*, as_json: bool) -> None:
    """List the latest time stamps from outside, and how many entries still wait for one."""
    with read() as tx:
        told = stamps(tx, MOST_SHOWN)
        heads = {log: head.size for log in logs(tx) if (head := read_head(tx, log))}
    waiting = {
        log: size - max((each.size for each in told if each.log == log), default=0)
        for log, size in heads.items()
    }
    if as_json:
        shown = [{**each._asdict(), "told_at": rfc3339_micros(each.told_at)} for each in told]
        click.echo(to_json({"stamps": shown, "pending": waiting}))
        return
    for each in told:
        at = rfc3339_micros(each.told_at)
        click.echo(f"{at}  {each.log:<12} {each.size:>9}  {each.authority}")
    for log, size in heads.items():
        click.echo(f"{log}: {waiting[log]} of {size} entries wait for a stamp.")


@ledger_commands.command("witnesses")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def list_witnesses(*, as_json: bool) -> None:
    """List who cosigns this log, how far, and how many entries still wait; and whom we cosign.

    The line of our own key as a witness is what a log that asks us is given.
    """
    ours = Witness.of(web.current.settings(), web.current.keyring())
    asked = witness_states(web.current.settings())
    known = {origin: ours.seen(origin).size for origin in ours.logs}
    if as_json:
        shown = [
            {
                **each._asdict(),
                "cosigned_at": each.cosigned_at and rfc3339_micros(each.cosigned_at),
            }
            for each in asked
        ]
        own = {"key": ours.cosigner.key.vkey, "logs": known}
        click.echo(to_json({"witnesses": shown, "witness_of": own}))
        return
    for each in asked:
        at = rfc3339_micros(each.cosigned_at) if each.cosigned_at else "never"
        click.echo(f"{each.witness}\n  {each.size} entries, {at}; {each.pending} wait")
    click.echo(f"As a witness we sign under\n{ours.cosigner.key.vkey}")
    for origin, size in known.items():
        click.echo(f"  {origin}: {size} entries cosigned")


def _check() -> tuple[dict[str, int], list[Finding]]:
    signer, findings = _signer(), list[Finding]()
    with read() as tx:
        names, owners = logs(tx), organisations(tx)
        heads = {log: read_head(tx, log) for log in names}
    counts = {log: head.size if head else 0 for log, head in heads.items()}
    for log in names:
        with _bar(log, counts[log]) as advance, read() as tx:
            findings += check_log(tx, log, signer=signer, progress=advance)
    with _bar("records", None) as advance:
        for organisation in owners:
            with read(organisation) as tx:
                findings += check_organisation(tx, organisation, progress=advance)
    return counts, findings


def _conclusion(counts: dict[str, int], findings: list[Finding]) -> str:
    size = ", ".join(f"{count} entries in {log}" for log, count in counts.items())
    verdict = f"{len(findings)} differences" if findings else "all agrees"
    return f"{size or 'no entries yet'}: {verdict}"


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    # On standard error, and only when someone watches.
    with tqdm(desc=what, total=total, unit=" entries", disable=None) as bar:

        def advance(count: int) -> None:
            bar.update(count)

        yield advance


def _signer() -> LogSigner:
    return LogSigner.of(web.current.settings(), web.current.keyring())
