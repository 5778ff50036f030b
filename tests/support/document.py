"""A document to test with: the demonstration’s own, changed where it matters."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consent_server import notices, organisations
from consent_server.db import read, write
from consent_server.ids import new_id
from consent_server.organisations.document import (
    OrganisationDocument,
    document_as_json,
    load_document,
    parse_document,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from consent_server.clock import Clock

FILE = Path(__file__).parents[2] / "consent_server" / "demo" / "organisations" / "cubalys.yaml"
ORIGIN = "http://cubalys.localhost:8001"


@cache
def _demo() -> dict[str, Any]:
    document = load_document(
        FILE.read_text("utf-8"), name=FILE.name, variables={"SITE_ORIGIN": ORIGIN}
    )
    return document_as_json(document)


def plain(change: Callable[[dict[str, Any]], object] | None = None) -> dict[str, Any]:
    """Give the document in its plain form; `change` may alter it in place."""
    made = deepcopy(_demo())
    if change is not None:
        change(made)
    return made


def parsed(change: Callable[[dict[str, Any]], object] | None = None) -> OrganisationDocument:
    """Give the document as it is read."""
    return parse_document(plain(change))


def apply(
    clock: Clock,
    change: Callable[[dict[str, Any]], object] | None = None,
    *,
    dry_run: bool = False,
) -> notices.Applied:
    """Put the document in force, as the command line does."""
    document = parsed(change)
    with read() as outside:
        known = organisations.find(outside, document.organisation.slug)
    with write(known or new_id()) as tx:
        return notices.apply_document(tx, document, actor="tests", now=clock(), dry_run=dry_run)


def item(document: dict[str, Any], section: str, slug: str) -> dict[str, Any]:
    """Give one purpose, tracker, notice … of a plain document, to be changed."""
    found: dict[str, Any] = next(one for one in document[section] if one["slug"] == slug)
    return found
