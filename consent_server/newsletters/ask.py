"""What a body asks for, read into links that are wanted; and each link as it is given.

Links are made some hundred at a time, each part in a transaction of its own: other writers of
the organisation wait no longer than for one part. A part made twice gives the same links.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import to_micros
from ..db import once_more, read, swift_write
from ..organisations import keys_of
from ..problems import FieldError, Problem, Unprocessable
from ..subjects import KINDS
from ..subjects.read import identify_all, region_of
from ..web import current
from .capability import link_signer
from .links import MARKETING
from .many import Wanted, make_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..notices.values import Configuration
    from ..organisations import Caller

AT_ONCE: Final = 500
Given = dict[str, Any] | Problem


@dataclass
class Reading:
    """Reads what is asked for, by what the organisation declares."""

    configuration: Configuration
    _scopes: dict[str, str] = field(default_factory=dict)

    def every(self, body: Mapping[str, Any]) -> list[Wanted]:
        """Read one link, or a list of them; raises `Unprocessable` for the first unfit one."""
        if "links" not in body:
            return [self.one(body, "")]
        return [self.one(each, f"/links/{at}") for at, each in enumerate(body["links"])]

    def one(self, asked: Mapping[str, Any], pointer: str) -> Wanted:
        """Read one link asked for; raises `Unprocessable` naming what is wrong."""
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
        return Wanted(given, scope)

    def _scope(self, name: str, pointer: str) -> str:
        if name not in self._scopes:
            self._scopes[name] = self._read_scope(name, pointer)
        return self._scopes[name]

    def _read_scope(self, name: str, pointer: str) -> str:
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


def reading(who: Caller) -> Reading:
    """Give what reads for a caller's organisation, as it is configured now."""
    with read(who.organisation) as tx:
        return Reading(notices.configuration(tx, who.organisation))


def give(who: Caller, wanted: Sequence[Wanted]) -> list[Given]:
    """Make what is wanted; gives each link with its headers, or why there is none."""
    parts = (wanted[at : at + AT_ONCE] for at in range(0, len(wanted), AT_ONCE))
    return [each for part in parts for each in _part(who, part)]


def _part(who: Caller, wanted: Sequence[Wanted]) -> list[Given]:
    def act() -> list[Given]:
        now = to_micros(current.now())
        with swift_write(who.organisation) as tx:
            keys = keys_of(who.organisation, tx)
            names = make_all(tx, keys, wanted, by=who.key_id, now=now)
        sign, base_url = link_signer(), current.settings().base_url
        return [
            each if isinstance(each, Problem) else _as_json(f"{base_url}/u/{sign(each)}")
            for each in names
        ]

    return once_more(act)


def _as_json(url: str) -> dict[str, Any]:
    return {
        "url": url,
        "headers": {
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }
