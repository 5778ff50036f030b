"""`consent sites`, `consent keys`, `consent audit`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from ..clock import NotATime, parse_rfc3339
from ..db import read, to_json, write
from ..ids import parse
from ..problems import NotFound
from ..web import current
from .api_keys import create_key, keys_listed, revoke_key, rotate_key
from .audit import place_of, trail
from .known import owner_of_key
from .rules import RATE, RATES
from .sites import site_said, sites_of
from .terminal import ACTOR, json_option, looked, organisation_option, show_rows, whose
from .values import NewKey, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from .terminal import Columns


@click.group("sites")
def sites_commands() -> None:
    """Show the websites of an organisation."""


@sites_commands.command("list")
@organisation_option
@json_option
def list_sites(*, organisation: str | None, as_json: bool) -> None:
    """List the sites in force."""
    own = whose(organisation)
    with write(own) as tx:
        rows = [site_said(site) for site in sites_of(tx, own)]
        looked(tx, own, "sites.listed")
    columns: Columns = {
        "site": "id",
        "slug": "slug",
        "scope": "scope",
        "origins": lambda row: " ".join(row["origins"]),
    }
    show_rows(rows, columns, as_json=as_json, empty="No site is declared.")


@click.group("keys")
def keys_commands() -> None:
    """Make, list and revoke the keys that systems call with."""


@keys_commands.command("create")
@organisation_option
@click.option("--name", required=True, help="What the key is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; may be given several times.",
)
@click.option("--expires", help="Until when, such as 2027-06-30T00:00:00Z.")
@click.option(
    "--quota",
    "quotas",
    multiple=True,
    metavar="RATE=COUNT/UNIT",
    help="A rate of its own, such as lookups=600/minute or writes=20/second.",
)
@click.option(
    "--tracker",
    "trackers",
    multiple=True,
    metavar="SLUG",
    help="With proofs:partner: whose proofs it may fetch; may be given several times.",
)
@json_option
def make_key(
    *,
    organisation: str | None,
    name: str,
    scopes: tuple[str, ...],
    expires: str | None,
    quotas: tuple[str, ...],
    trackers: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a key and print it, this once."""
    if (Scope.PROOFS_PARTNER in scopes) != bool(trackers):
        raise click.UsageError(f"--scope {Scope.PROOFS_PARTNER} and --tracker go together.")
    own = whose(organisation)
    wanted = NewKey(
        name=name,
        scopes=frozenset(Scope(scope) for scope in scopes),
        expires_at=_moment(expires) if expires else None,
        quotas=_quotas(quotas),
        trackers=frozenset(trackers),
    )
    with write(own) as tx:
        text, made = create_key(tx, own, wanted, maker=None, now=current.now())
    _show_once(text, made, as_json=as_json)


def _show_once(text: str, made: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(to_json({**made, "key": text}))
        return
    click.echo(text)
    click.echo("Keep it now: it is not shown again.", err=True)


def _quotas(pairs: Sequence[str]) -> dict[str, str]:
    quotas = {name: rate for name, _, rate in (pair.partition("=") for pair in pairs)}
    for name, rate in quotas.items():
        if name not in RATES or not re.fullmatch(RATE, rate, re.ASCII):
            known = " or ".join(f"{each}=600/minute" for each in RATES)
            raise click.BadParameter(f"write {known}", param_hint="--quota")
    return quotas


def _moment(text: str) -> datetime:
    try:
        return parse_rfc3339(text)
    except NotATime as error:
        raise click.BadParameter(str(error), param_hint="--expires") from error


@keys_commands.command("list")
@organisation_option
@json_option
def list_keys(*, organisation: str | None, as_json: bool) -> None:
    """List the keys, revoked ones too; never their secrets."""
    own = whose(organisation)
    with write(own) as tx:
        rows = keys_listed(tx, own)
        looked(tx, own, "keys.listed")
    columns: Columns = {
        "key": "id",
        "name": "name",
        "scopes": lambda row: " ".join(row["scopes"]),
        "created": "created_at",
        "expires": "expires_at",
        "revoked": "revoked_at",
        "last used": "last_used_at",
        "uses": "uses",
        "exposed": "exposed_at",
    }
    show_rows(rows, columns, as_json=as_json, empty="There is no key yet.")


@keys_commands.command("rotate")
@click.argument("key")
@click.option("--at-once", is_flag=True, help="The old secret leaked: it ends now.")
@json_option
def replace_secret(*, key: str, at_once: bool, as_json: bool) -> None:
    """Give a key (`key_…`) another secret; for a day the old one is taken too."""
    own = _owner(key)
    with write(own) as tx:
        text, row = rotate_key(tx, own, key, at_once=at_once, maker=None, now=current.now())
    _show_once(text, row, as_json=as_json)
    if not as_json:
        click.echo(f"The old one is taken until {row['former_secret_until']}.", err=True)


def _owner(key: str) -> int:
    with read() as outside:
        own = owner_of_key(outside, key)
    if own is None:
        # What was typed may be the key itself: it is not repeated.
        raise NotFound("no key has this id; it begins with key_")
    return own


@keys_commands.command("revoke")
@click.argument("key")
def close_key(*, key: str) -> None:
    """Revoke a key by its id (`key_…`); within a second nobody takes it any more."""
    own = _owner(key)
    with write(own) as tx:
        revoke_key(tx, own, key, actor=ACTOR, now=current.now())
    click.echo(f"{key} is revoked.")


@click.command("audit")
@organisation_option
@click.option("--after", metavar="ID", help="Read on after this entry.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 10_000))
@json_option
def audit_command(
    *, organisation: str | None, after: str | None, limit: int, as_json: bool
) -> None:
    """Show who did or looked at what, oldest first."""
    own = whose(organisation)
    number = parse("aud", after) if after else None
    if after and number is None:
        raise click.BadParameter("an entry's id begins with aud_", param_hint="--after")
    with write(own) as tx:
        start = place_of(tx, own, number) if number else (0, 0)
        rows = [line.said() for line in trail(tx, own, after=start, most=limit)]
        looked(tx, own, "audit.seen")
    columns: Columns = {
        "when": "recorded_at",
        "who": "actor",
        "did": "action",
        "to": "target",
        "entry": "id",
    }
    show_rows(rows, columns, as_json=as_json, empty="Nothing is recorded yet.")
