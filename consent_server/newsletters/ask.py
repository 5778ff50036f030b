"""What a body asks for, read into links that are wanted; and each link as it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..problems import FieldError, Problem, Unprocessable
from ..subjects import KINDS
from ..subjects.read import identify_all, region_of
from .capability import link_signer
from .links import MARKETING
from .many import Wanted, make_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration


@dataclass
class Asker:
    """Whoever asks for links, by a loaded body, and where the links lead."""

    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    key_id: str
    now: int
    base_url: str
    _scopes: dict[str, str] = field(default_factory=dict)

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one link, or a list of them."""
        if "links" not in body:
            return self._all([self.want(body, "")])[0]
        wanted = [self.want(each, f"/links/{at}") for at, each in enumerate(body["links"])]
        return {"links": self._all(wanted)}

    def _all(self, wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
        given = self.give(wanted)
        for each in given:
            if isinstance(each, Problem):
                raise each
        return [each for each in given if isinstance(each, dict)]

    def want(self, asked: Mapping[str, Any], pointer: str) -> Wanted:
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

    def give(self, wanted: Sequence[Wanted]) -> list[dict[str, Any] | Problem]:
        """Make what is wanted; gives each link with its headers, or why there is none."""
        names = make_all(self.tx, self.keys, wanted, by=self.key_id, now=self.now)
        sign = link_signer()
        return [
            each if isinstance(each, Problem) else _as_json(f"{self.base_url}/u/{sign(each)}")
            for each in names
        ]

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


def _as_json(url: str) -> dict[str, Any]:
    return {
        "url": url,
        "headers": {
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }
