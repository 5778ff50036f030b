"""The double: the same document under another slug, in force beside the organisation."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import organisations
from ..db import read, write
from ..ids import new_id, public
from ..notices.apply import apply_document, document_of
from ..notices.change import checked
from ..organisations import NewKey, Scope
from ..problems import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..organisations import Caller

_ENDING: Final = "-sandbox"
_LONGEST_SLUG: Final = 64


class NoSandbox(Conflict):
    """This is, or is not, a sandbox, and what was asked is for the other."""

    code = "sandbox"
    title = "This is for another kind of organisation"


@dataclass(frozen=True)
class Double:
    """A sandbox, whether it was made just now, and a key to it."""

    organisation: int
    slug: str
    created: bool
    key: str
    made: Mapping[str, Any]

    def said(self) -> dict[str, Any]:
        """Say it as the API and the command line do; the key is never shown again."""
        return {
            "organisation": public("org", self.organisation),
            "slug": self.slug,
            "created": self.created,
            "key": self.key,
            "key_id": self.made["id"],
        }


def double(
    organisation: int,
    *,
    scopes: frozenset[Scope],
    maker: Caller | None,
    actor: str,
    now: datetime,
) -> Double:
    """Put an organisation's document in force in its sandbox, made if need be; gives a key.

    Nothing but the declared document goes over: no person, no key, no webhook.
    """
    slug, document = _document(organisation)
    with read() as outside:
        known = organisations.find(outside, slug)
    with write(known or new_id()) as tx:
        if known is not None and not organisations.is_sandbox(tx, known):
            raise NoSandbox(f"the slug {slug} belongs to an organisation that is no sandbox")
        applied = apply_document(tx, checked(document), actor=actor, now=now)
        wanted = NewKey(name="sandbox", scopes=scopes - {Scope.HOST})
        text, made = organisations.create_key(
            tx, applied.organisation, wanted, maker=maker, now=now
        )
    return Double(applied.organisation, slug, applied.created, text, made)


def _document(organisation: int) -> tuple[str, dict[str, Any]]:
    with read(organisation) as tx:
        if organisations.is_sandbox(tx, organisation):
            raise NoSandbox("a sandbox has none of its own")
        found = document_of(tx, organisation)
    if found is None:
        raise NoSandbox("declare the organisation first")
    document: dict[str, Any] = deepcopy(dict(found))
    slug = document["organisation"]["slug"][: _LONGEST_SLUG - len(_ENDING)] + _ENDING
    document["organisation"]["slug"] = slug
    document["organisation"]["settings"]["sandbox"] = True
    return slug, document
