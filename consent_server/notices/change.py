"""Changing one part of what is in force: checked as a whole document, applied as a part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..organisations.document import DocumentInvalid, document_as_json, parse_document
from ..problems import FieldError, NotFound, Unprocessable
from .apply import document_of, put_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..db import Transaction
    from ..organisations.document import OrganisationDocument


def in_force(tx: Transaction, organisation: int) -> dict[str, Any]:
    """Give the document in force; absent for an organisation that has declared nothing."""
    found = document_of(tx, organisation)
    if found is None:
        raise NotFound
    return found


def checked(document: Mapping[str, Any], *, part: str = "") -> OrganisationDocument:
    """Read a document or refuse it, naming its faults as seen from the part that was sent."""
    try:
        return parse_document(document)
    except DocumentInvalid as error:
        faults = [FieldError(_seen_from(part, one.path), one.detail) for one in error.errors]
        raise Unprocessable("a field of the body is wrong", errors=faults) from None


def _seen_from(part: str, path: str) -> str:
    return path.removeprefix(part) if path == part or path.startswith(f"{part}/") else path


def merged(target: Any, patch: Any) -> Any:
    """Merge a patch into a JSON value: null removes, objects merge, the rest replaces."""
    if not isinstance(patch, dict):
        return patch
    base = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            base.pop(name, None)
        else:
            base[name] = merged(base.get(name), value)
    return base


def place(document: Mapping[str, Any], section: str, slug: str) -> int:
    """Tell where in its section an item stands."""
    for number, item in enumerate(document[section]):
        if item["slug"] == slug:
            return number
    raise NotFound


def put_item(
    tx: Transaction,
    organisation: int,
    where: tuple[str, str],
    item: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> dict[str, Any]:
    """Replace one site, purpose or tracker; what people are shown changes when published."""
    section, slug = where
    document = in_force(tx, organisation)
    number = place(document, section, slug)
    if item.get("slug", slug) != slug:
        raise Unprocessable.at("/slug", "a slug never changes: decisions refer to it")
    document[section][number] = {**item, "slug": slug}
    wanted = document_as_json(checked(document, part=f"/{section}/{number}"))
    put_settings(tx, organisation, wanted, actor=actor, now=now)
    found: dict[str, Any] = wanted[section][number]
    return found


def check_words(
    tx: Transaction, organisation: int, slug: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Check the words of a notice as its document would; gives them in their plain form."""
    document = in_force(tx, organisation)
    number = place(document, "notices", slug)
    document["notices"][number] = {**document["notices"][number], **body}
    wanted = document_as_json(checked(document, part=f"/notices/{number}"))["notices"][number]
    return {"purposes": wanted["purposes"], "words": wanted["words"]}
