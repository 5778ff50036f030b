"""`consent mail`: by which server mail leaves, whether it did, whether a domain fits it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import click

from ..db import read, to_json, write
from ..organisations.terminal import (
    ACTOR,
    json_option,
    looked,
    organisation_option,
    show_rows,
    whose,
)
from ..web import current
from .compose import UnfitAddress
from .domain import Asked, Level, check_domain
from .enqueue import Message, queue
from .files import folder_of
from .records import UnreadableRecords, name_of, read_records
from .sender import sender_of
from .server import MailServer, Security, remove_server, server_of, server_said, set_server
from .shown import messages_shown

if TYPE_CHECKING:
    from ..organisations.terminal import Columns


@click.group("mail")
def mail_commands() -> None:
    """Say by which server mail to people leaves, and see whether it did."""


@mail_commands.command("show")
@organisation_option
@json_option
def show(*, organisation: str | None, as_json: bool) -> None:
    """Show the sender, and the server in force."""
    own = whose(organisation)
    with write(own) as tx:
        sender, server = sender_of(tx, own), server_said(tx, own)
        looked(tx, own, "mail.server_shown")
    if as_json:
        told = {"from": sender.address, "name": sender.name, "reply_to": sender.reply_to}
        click.echo(to_json({**told, "server": server}))
        return
    click.echo(f"from      {sender.name} <{sender.address}>")
    click.echo(f"reply-to  {sender.reply_to or '(the same)'}")
    if server is None:
        click.echo(
            f"server    none: messages become files in {folder_of(current.settings().data)}"
        )
        return
    login = f", logs in as {server['username']}" if server.get("username") else ""
    whose_it_is = ", the deployment's own" if server["shared"] else login
    click.echo(
        f"server    {server['host']}:{server['port']} ({server['security']}){whose_it_is}"
    )


@mail_commands.command("server")
@organisation_option
@click.option("--host", required=True, help="Such as smtp.example.org.")
@click.option("--port", type=int, default=587, show_default=True)
@click.option(
    "--security",
    type=click.Choice([each.value for each in Security]),
    default=Security.STARTTLS.value,
    show_default=True,
)
@click.option("--username", default="", help="Then the password is asked for, or read.")
@click.option("--return-path", default="", help="Where reports of undelivered mail go.")
def use(
    *,
    organisation: str | None,
    host: str,
    port: int,
    security: str,
    username: str,
    return_path: str,
) -> None:
    """Let mail leave by a server; its password is asked for, or is a line of the input."""
    own = whose(organisation)
    password = _password() if username else ""
    server = MailServer(
        host=host,
        port=port,
        security=Security(security),
        username=username,
        password=password,
        return_path=return_path,
    )
    with write(own) as tx:
        set_server(tx, own, server, actor=ACTOR, now=current.now())
    click.echo(f"Mail leaves by {host}:{port} from now on. Try it: consent mail test <address>")


def _password() -> str:
    # Never an option: it would stay in the shell's history and in the list of processes.
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True))
    return sys.stdin.readline().rstrip("\n")


@mail_commands.command("remove-server")
@organisation_option
def remove(*, organisation: str | None) -> None:
    """Let the deployment's server take over, or messages become files; forget the password."""
    own = whose(organisation)
    with write(own) as tx:
        removed = remove_server(tx, own, actor=ACTOR, now=current.now())
    if not removed:
        click.echo("There was no server.")
    elif current.settings().smtp:
        click.echo("Mail leaves by the deployment's own server.")
    else:
        click.echo("Messages become files.")


@mail_commands.command("test")
@click.argument("address")
@organisation_option
def test(*, address: str, organisation: str | None) -> None:
    """Write a message to an address of yours; `consent mail list` tells what became of it."""
    own = whose(organisation)
    message = Message(
        organisation=own,
        to=address,
        match=address.lower(),
        template="test",
        language="",
        values={},
    )
    try:
        with write(own) as tx:
            queued = queue(tx, message, now=current.now())
    except UnfitAddress as error:
        raise click.BadParameter(str(error), param_hint="ADDRESS") from None
    click.echo(f"{queued.message_id if queued else ''} waits for the worker.")


@mail_commands.command("list")
@organisation_option
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@json_option
def list_messages(*, organisation: str | None, limit: int, as_json: bool) -> None:
    """List the latest messages: what waits, what left, what was refused."""
    own = whose(organisation)
    with write(own) as tx:
        rows = messages_shown(tx, own, limit)
        looked(tx, own, "mail.messages_listed")
    columns: Columns = {
        "message": "id",
        "template": "template",
        "state": "state",
        "tries": "tries",
        "written": "recorded_at",
        "next try": "next_try_at",
        "outcome": "outcome",
    }
    show_rows(rows, columns, as_json=as_json, empty="No message was written yet.")


@mail_commands.command("check-domain")
@organisation_option
@click.option(
    "--records",
    "file",
    type=click.File(encoding="utf-8"),
    required=True,
    help='One record a line, NAME TXT "VALUE", or what dig prints; - for the input.',
)
@click.option("--domain", help="If it is not the sender's.")
@click.option("--return-path", help="The domain of the return path, if it is another one.")
@click.option("--selector", "selectors", multiple=True, help="Of DKIM; else every one given.")
@click.option("--address", "addresses", multiple=True, help="An IP address mail leaves from.")
@json_option
def check(
    *,
    organisation: str | None,
    file: Any,
    domain: str | None,
    return_path: str | None,
    selectors: tuple[str, ...],
    addresses: tuple[str, ...],
    as_json: bool,
) -> None:
    """Check that SPF, DKIM and DMARC records fit, without asking the network.

    Answers 1 when something is wrong.
    """
    own_domain, own_path = _domains(organisation) if domain is None else (domain, None)
    asked = Asked(
        domain=name_of(own_domain),
        return_path=name_of(return_path or own_path or own_domain),
        selectors=selectors,
        addresses=tuple(_ip(each) for each in addresses),
    )
    try:
        found = check_domain(read_records(file.read(1024 * 1024)), asked)
    except (UnreadableRecords, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(to_json([asdict(each) for each in found]))
    else:
        for each in found:
            mend = f"\n      {each.mend}" if each.mend else ""
            click.echo(f"{_MARKS[each.level]}  {each.record}: {each.what}{mend}")
    sys.exit(1 if any(each.level is Level.WRONG for each in found) else 0)


_MARKS = {Level.FINE: "fine ", Level.COULD_BE_BETTER: "could", Level.WRONG: "WRONG"}


def _domains(organisation: str | None) -> tuple[str, str | None]:
    own = whose(organisation)
    with read(own) as tx:
        sender, server = sender_of(tx, own), server_of(tx, own)
    path = server.return_path if server else ""
    return sender.address.rpartition("@")[2], path.rpartition("@")[2] or None


def _ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise click.BadParameter("write an IP address, such as 192.0.2.7") from None
