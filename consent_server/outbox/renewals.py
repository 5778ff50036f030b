"""Renewals: the consents that end soon, the first to end first, while there is time to ask."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import astuple, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import NotAPeriod, add_period, rfc3339_micros, to_micros
from ..db import Transaction, write
from ..decisions import standing
from ..decisions.ends import ENDING
from ..decisions.rules import ends, stands
from ..ids import public
from ..organisations import Scope, caller, keys_of, look, requires
from ..problems import Unprocessable
from ..web import Door, current, limit
from .events import external_ids
from .schemas import RenewalsOut, RenewalsQuery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..decisions.rules import Yes
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose

door = Door("renewals", __name__, description="Consents that end soon.")

_LAST: Final = (1 << 63) - 1
_FORM: Final = struct.Struct(">4q")


@dataclass(frozen=True)
class _Place:
    """Where a page ends: in the order of their ends."""

    at: int
    subject: int = 0
    purpose: int = 0
    identifier: int = 0

    def text(self) -> str:
        return base64.urlsafe_b64encode(_FORM.pack(*astuple(self))).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> _Place:
        try:
            return cls(*_FORM.unpack(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        except (binascii.Error, ValueError, struct.error):
            raise Unprocessable.at("/after", "send the `next` of the page before") from None


@door.get("/v1/renewals")
@requires(Scope.EVENTS)
@door.takes_query(RenewalsQuery)
@door.answers(HTTPStatus.OK, RenewalsOut)
def list_renewals(asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the consents that end within a period, the first to end first.

    Not those that a no or newer words ended already, nor a visitor's to trackers: the banner
    asks those again by itself.
    """
    known = caller()
    limit("lookups", known.key_id)
    with write(known.organisation) as tx:
        keys = keys_of(known.organisation, tx)
        found = renewals(
            tx,
            keys,
            within=asked.get("within"),
            after=asked.get("after"),
            most=asked["limit"],
            now=current.now(),
        )
        look(tx, "renewals.listed")
    return found, {"Cache-Control": "no-store"}


def renewals(
    tx: Transaction,
    keys: OrganisationKeys,
    *,
    within: str | None,
    after: str | None,
    most: int,
    now: datetime,
) -> dict[str, Any]:
    """Give a page of what ends within a period, and the `after` of the next one.

    Without a period, the organisation's own: what was told as ending.
    """
    own = notices.configuration(tx, keys.organisation).renewal_notice
    try:
        until = to_micros(add_period(now, within or own))
    except NotAPeriod as error:
        raise Unprocessable.at("/within", str(error)) from None
    place = _Place.read(after) if after else _Place(to_micros(now))
    rows, last = _page(tx, keys.organisation, place, until, most)
    told = _standing_still(tx, keys, rows, to_micros(now))
    return {"renewals": told, "next": last and last.text()}


def _page(
    tx: Transaction, organisation: int, after: _Place, until: int, most: int
) -> tuple[list[tuple[int, ...]], _Place | None]:
    """Give what ends after a place, with the yes that does, and where the page ends."""
    # From this subject on: a page may end between two of her purposes.
    values = {"organisation": organisation, "after": after.at, "subject": after.subject - 1}
    found = tx.run(ENDING, {**values, "until": until, "most": most + 1})
    rows: list[tuple[int, ...]] = sorted(
        (moment, subject, purpose, row.identifier, row.yes.decision)
        for moment, subject, body in found
        if body is not None
        for purpose, row in standing.read((subject, body))
        if row.yes is not None and row.yes.expires_at == moment
    )
    rows = [row for row in rows if row[:4] > astuple(after)][:most]
    if len(rows) == most:
        return rows, _Place(*rows[-1][:4])
    # Some moments may be of what ends no more: the page is short, and others follow it.
    more = len(found) > most
    return rows, _Place(found[-1][0], found[-1][1], _LAST, _LAST) if more else None


def _standing_still(
    tx: Transaction, keys: OrganisationKeys, rows: Sequence[tuple[int, ...]], now: int
) -> list[dict[str, Any]]:
    subjects = {row[1] for row in rows}
    people = standing.of_people(tx, keys.organisation, subjects) if rows else {}
    names = external_ids(tx, keys, subjects)
    configuration = notices.configuration(tx, keys.organisation)
    told: dict[tuple[int, int, int], dict[str, Any]] = {}
    for _, subject, number, identifier, yes_id in rows:
        purpose = configuration.purposes.get(number)
        if purpose is None or purpose.kind == "tracker":
            continue
        mine = people.get(subject, {}).get(number, ())
        stood = stands(mine, frozenset({identifier}), alone=False)
        floor = _floor(configuration, stood.yes, number)
        if stood.yes is not None and ends(stood, yes_id, floor=floor, until=now):
            said = _said(subject, purpose, stood.yes, names.get(subject, ()))
            told.setdefault((subject, number, yes_id), said)
    return list(told.values())


def _floor(configuration: Configuration, yes: Yes | None, purpose: int) -> int:
    return configuration.floors.get(((yes.notice if yes else 0) or 0, purpose), 0)


def _said(subject: int, purpose: Purpose, yes: Yes, names: Sequence[str]) -> dict[str, Any]:
    return {
        "subject": public("sub", subject),
        "external_ids": list(names),
        "purpose": purpose.slug,
        "channel": purpose.channel,
        "decision": public("dec", yes.decision),
        "notice_version": public("ntv", yes.version) if yes.version else None,
        "since": rfc3339_micros(yes.given_at),
        "expires_at": rfc3339_micros(yes.expires_at) if yes.expires_at else None,
    }
