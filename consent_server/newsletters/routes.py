"""The systems' door: links to put into messages, with their two headers."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import to_micros
from ..db import DUPLICATE, Transaction, swift_write
from ..organisations import Caller, Scope, caller, keys_of, requires
from ..problems import FieldError, Unprocessable
from ..subjects import KINDS, Given, Resolved, Told, prove_facts, resolve
from ..subjects.read import identify_all, region_of
from ..web import Door, current, idempotency, limit
from .capability import sign_link
from .links import MARKETING, make_link
from .schemas import LinksOut, NewLinks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration

door = Door("newsletters", __name__, description="Leaving a list, in one click.")

_MOST_BYTES: Final = 512 * 1024
# Two mailings at once may both meet an address for the first time; one of them reads
# again what the other has written.
_TRIES: Final = 3


@door.post("/v1/unsubscribe-links")
@requires(Scope.LINKS)
@door.takes(NewLinks, most_bytes=_MOST_BYTES)
@door.answers(HTTPStatus.CREATED, LinksOut, description="The link, or the links in order.")
@door.refuses(HTTPStatus.CONFLICT)
def make_links(body: dict[str, Any]) -> ResponseReturnValue:
    """Give links that end a purpose or all marketing, each with its two headers.

    The same identifier and purpose give the same link; an unknown address becomes a
    subject; the link never stops working.
    """
    who = caller()
    limit("writes", who.key_id)
    for _ in range(_TRIES - 1):
        try:
            return _answer(who, body)
        except DUPLICATE:
            continue
    return _answer(who, body)


def _answer(who: Caller, body: dict[str, Any]) -> ResponseReturnValue:
    with swift_write(who.organisation) as tx:
        maker = _Maker(
            tx,
            keys_of(who.organisation, tx),
            notices.configuration(tx, who.organisation),
            who.key_id,
            to_micros(current.now()),
        )
        return idempotency.answered(
            tx,
            organisation=who.organisation,
            caller_key_id=who.key_id,
            route="POST /v1/unsubscribe-links",
            body=body,
            now=current.now(),
            act=lambda: (HTTPStatus.CREATED, maker.make(body)),
        )


@dataclass
class _Maker:
    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    key_id: str
    now: int

    def make(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "links" not in body:
            return self._one(body, "")
        return {
            "links": [
                self._one(each, f"/links/{index}") for index, each in enumerate(body["links"])
            ]
        }

    def _one(self, asked: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        scope = self._scope(asked["purpose"], pointer)
        subject = asked["subject"]
        given = identify_all(
            [
                (f"{pointer}/subject/{kind}", kind, subject[kind], False)
                for kind in KINDS
                if kind in subject
            ],
            region=region_of(self.configuration),
        )
        organisation = self.keys.organisation
        who = resolve(self.tx, self.keys, given, organisation=organisation, now=self.now)
        self._prove(who)
        held = who.identifiers[0]
        name = make_link(self.tx, organisation, held.subject, held.id, scope, now=self.now)
        url = f"{current.settings().base_url}/u/{sign_link(name)}"
        return {
            "url": url,
            "headers": {
                "List-Unsubscribe": f"<{url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        }

    def _scope(self, name: str, pointer: str) -> str:
        if name == MARKETING:
            return MARKETING
        purpose = self.configuration.purpose(name)
        if purpose is None:
            fault = "this organisation has no such purpose"
        elif purpose.exempt or purpose.basis == "legal_obligation":
            fault = "this purpose needs no consent: there is nothing to leave"
        else:
            return str(purpose.id)
        raise Unprocessable(fault, errors=[FieldError(f"{pointer}/purpose", fault)])

    def _prove(self, who: Resolved) -> None:
        prove_facts(
            self.tx,
            self.keys,
            who,
            Given(),
            Told(source="unsubscribe link"),
            written=[],
            key=self.key_id,
            now=self.now,
        )
