"""`consent subjects`: what is known of people, and who is one person."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from .. import notices
from ..clock import NotATime, parse_rfc3339, to_micros
from ..db import Transaction, to_json, write
from ..ids import parse, public
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
from .facts import Told
from .holdings import meant
from .links import link, unlink
from .schemas import RELATIONSHIPS
from .shown import links_of, person_shown
from .terminal import kind_option, named
from .told import Teller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from ..organisations.terminal import Columns
    from .resolve import Held

source_option = click.option(
    "--source", required=True, help="Where this is known from: meeting, contract …"
)


@dataclass(frozen=True)
class _Room:
    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration

    def find(self, identifier: str, kind: str | None) -> Held:
        held = meant(self.tx, self.keys, [named(identifier, kind, self.configuration)])
        if held is None:
            raise NotFound("Nobody is known by this identifier.")
        return held

    def look(self, action: str, subject: int) -> None:
        looked(self.tx, self.keys.organisation, action, public("sub", subject))


@contextmanager
def _room(organisation: str | None) -> Iterator[_Room]:
    own = whose(organisation)
    with write(own) as tx:
        yield _Room(tx, keys_of(own, tx), notices.configuration(tx, own))


@click.group("subjects")
def subjects_commands() -> None:
    """Say what is known of people, see it, link them, erase them."""


class _Moment(click.ParamType):  # type: ignore[type-arg] # it takes one for checkers alone
    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            return parse_rfc3339(value if "T" in value else f"{value}T00:00:00Z")
        except NotATime as error:
            self.fail(f"{error}; write 2026-11-23 or 2026-11-23T12:00:00Z", param, ctx)


@subjects_commands.command("add")
@organisation_option
@click.option("--email", "emails", multiple=True)
@click.option("--phone", "phones", multiple=True)
@click.option("--external-id", "external_ids", multiple=True)
@click.option("--visitor", "visitors", multiple=True)
@click.option("--shared-phone", "shared_phones", multiple=True, help="A family's, a team's.")
@click.option("--relationship", type=click.Choice(RELATIONSHIPS))
@click.option("--since", type=_Moment(), help="Of the relationship.")
@click.option("--until", type=_Moment(), help="Of the relationship.")
@click.option("--contract", is_flag=True, help="The relationship is a contract.")
@click.option("--capacity", type=click.Choice(("consumer", "professional")))
@click.option("--country", help="Two capital letters.")
@click.option("--birth-year", type=click.IntRange(1900, 2100))
@click.option("--on-behalf-of", help="For whom the source speaks.")
@click.option("--informed-at", type=_Moment(), help="When the person was told (art. 14).")
@source_option
@json_option
def add_subject(*, organisation: str | None, as_json: bool, **told: Any) -> None:
    """Record what is known of a person; it is appended, and nothing is overwritten."""
    body = _body(told)
    if not body["identifiers"]:
        raise click.UsageError("Name the person: --email, --phone, --external-id, --visitor.")
    if told["country"] and not (len(told["country"]) == 2 and told["country"].isupper()):
        raise click.BadParameter("two capital letters, such as FR", param_hint="--country")
    with _room(organisation) as room:
        teller = Teller(room.tx, room.keys, room.configuration, ACTOR, current.now())
        number, new = teller.tell(body)
        if not new:
            room.look("subject.seen", number)
    said = {"subject": public("sub", number), "new": new}
    click.echo(to_json(said) if as_json else said["subject"])


def _body(told: dict[str, Any]) -> dict[str, Any]:
    identifiers = [
        {kind: each, **({"shared": True} if name.startswith("shared") else {})}
        for name, kind in (
            ("emails", "email"),
            ("phones", "phone"),
            ("shared_phones", "phone"),
            ("external_ids", "external_id"),
            ("visitors", "visitor"),
        )
        for each in told[name]
    ]
    body: dict[str, Any] = {"identifiers": identifiers, "source": told["source"]}
    for name in ("capacity", "country", "birth_year", "on_behalf_of", "informed_at"):
        if told[name] is not None:
            body[name] = told[name]
    if told["relationship"]:
        parts = {name: told[name] for name in ("since", "until") if told[name] is not None}
        contract = {"contract": True} if told["contract"] else {}
        body["relationships"] = [{"kind": told["relationship"], **parts, **contract}]
    return body


@subjects_commands.command("show")
@click.argument("identifier")
@kind_option
@organisation_option
@json_option
def show_subject(
    *, identifier: str, kind: str | None, organisation: str | None, as_json: bool
) -> None:
    """Show what is known of whoever IDENTIFIER names; the look is written down."""
    with _room(organisation) as room:
        held = room.find(identifier, kind)
        told = person_shown(room.tx, room.keys, room.configuration, held)
        room.look("subject.shown", held.subject)
    if as_json:
        click.echo(to_json(told))
        return
    click.echo(" ".join(told["subjects"]))
    for section in ("identifiers", "facts", "links", "suppressions"):
        click.echo(f"{section}:" if told[section] else f"{section}: none")
        for each in told[section]:
            click.echo(f"  {_line(each)}")


def _line(row: dict[str, Any]) -> str:
    plain = {
        name: to_json(value) if isinstance(value, dict | list) else value
        for name, value in row.items()
        if value is not None and value is not False
    }
    return "  ".join(f"{name}={value}" for name, value in plain.items())


@subjects_commands.command("link")
@click.argument("first")
@click.argument("second")
@source_option
@organisation_option
def link_subjects(*, first: str, second: str, source: str, organisation: str | None) -> None:
    """Say that FIRST and SECOND, two identifiers, are one person; it can be undone."""
    with _room(organisation) as room:
        pair = [room.find(each, None).subject for each in (first, second)]
        told = Told(source=source, actor=ACTOR)
        moment = to_micros(current.now())
        number = link(room.tx, room.keys, pair[0], pair[1], told=told, now=moment)
        room.look("subject.linked", pair[0])
    click.echo(public("lnk", number))


@subjects_commands.command("unlink")
@click.argument("link_id", metavar="LINK")
@organisation_option
def unlink_subjects(*, link_id: str, organisation: str | None) -> None:
    """Undo a link (`lnk_…`); both keep their own histories."""
    number = parse("lnk", link_id)
    if number is None:
        raise click.BadParameter("a link's id begins with lnk_", param_hint="LINK")
    with _room(organisation) as room:
        first, _ = unlink(room.tx, room.keys, number, now=to_micros(current.now()))
        room.look("subject.unlinked", first)
    click.echo("They are two again.")


@subjects_commands.command("links")
@click.argument("identifier")
@kind_option
@organisation_option
@json_option
def list_links(
    *, identifier: str, kind: str | None, organisation: str | None, as_json: bool
) -> None:
    """List the links of whoever IDENTIFIER names, those undone too."""
    with _room(organisation) as room:
        held = room.find(identifier, kind)
        rows = links_of(room.tx, room.keys, [held.subject])
        room.look("subject.links_listed", held.subject)
    columns: Columns = {
        "link": "link",
        "subjects": lambda row: " ".join(row["subjects"]),
        "source": "source",
        "since": "recorded_at",
        "undone": "undone_at",
    }
    show_rows(rows, columns, as_json=as_json, empty="Linked with nobody.")
