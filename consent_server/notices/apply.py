"""One document in, one configuration in force: all of it or nothing, twice as well as once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..ids import public
from ..mail import refuse_unfit_words
from ..organisations import (
    audit,
    bump,
    create,
    declare,
    declared,
    find,
    lock,
)
from ..organisations.document import diff_documents, document_as_json
from ..problems import Unprocessable
from .catalogue import catalogue, revise
from .drafts import ensure_notice, find_notice, save_draft
from .publish import publish
from .versions import history

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..db import Transaction
    from ..organisations.document import Change, OrganisationDocument
    from .publish import Published
    from .values import VersionShown

_CATALOGUE: Final = frozenset({"purposes", "trackers"})


@dataclass(frozen=True)
class Applied:
    """What applying a document did, or would do."""

    organisation: int
    created: bool
    changes: list[Change]
    published: list[Published]

    @property
    def changed(self) -> bool:
        """Tell whether anything is different from before."""
        return bool(self.created or self.changes or self.published)


def apply_document(
    tx: Transaction,
    document: OrganisationDocument,
    *,
    actor: str,
    now: datetime,
    dry_run: bool = False,
) -> Applied:
    """Put a document in force and publish the notices it changes; a dry run keeps nothing.

    `tx` is opened behind the organisation's wall, or behind that of a new id when the slug
    is not known yet.
    """
    wanted = document_as_json(document)
    organisation = find(tx, document.organisation.slug)
    created = organisation is None
    if organisation is None:
        organisation = create(
            tx,
            slug=document.organisation.slug,
            sandbox=document.organisation.settings.sandbox,
            actor=actor,
            now=now,
        )
    lock(tx, organisation)
    before = document_of(tx, organisation)
    _refuse_moved_sandbox(before, wanted)
    published = _put_in_force(tx, organisation, wanted, actor=actor, now=now)
    applied = Applied(organisation, created, diff_documents(before, wanted), published)
    if applied.changed:
        _note(tx, applied, actor=actor, now=now)
    if dry_run:
        tx.session.rollback()
    return applied


def _refuse_moved_sandbox(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    if before is None:
        return
    old, new = before["organisation"], after["organisation"]
    if old["settings"]["sandbox"] != new["settings"]["sandbox"]:
        raise Unprocessable.at(
            "/organisation/settings/sandbox",
            "an organisation keeps its log: a sandbox stays one; choose another slug",
        )


def _put_in_force(
    tx: Transaction,
    organisation: int,
    wanted: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> list[Published]:
    put_settings(tx, organisation, wanted, actor=actor, now=now)
    published = []
    for notice in wanted["notices"]:
        row = ensure_notice(tx, organisation, notice, now=now)
        words = {"purposes": notice["purposes"], "words": notice["words"]}
        save_draft(tx, organisation, row.id, words, now=now)
        made = publish(tx, organisation, row, actor=actor, now=now)
        if made is not None:
            published.append(made)
    return published


def put_settings(
    tx: Transaction,
    organisation: int,
    wanted: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Put all of a document in force but its notices' words, which are published."""
    refuse_unfit_words(wanted)
    settings = {name: value for name, value in wanted.items() if name not in _CATALOGUE}
    settings["notices"] = [notice["slug"] for notice in wanted["notices"]]
    declare(tx, organisation, settings, actor=actor, now=now)
    _revise_catalogue(tx, organisation, wanted, actor=actor, now=now)


def _revise_catalogue(
    tx: Transaction,
    organisation: int,
    wanted: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    made = revise(tx, organisation, wanted, actor=actor, now=now)
    if made is None:
        return
    bump(tx, organisation)
    audit(
        tx,
        organisation=organisation,
        actor=actor,
        action="catalogue.revised",
        target=public("org", organisation),
        detail={"revision": made.number},
        now=now,
    )


def _note(tx: Transaction, applied: Applied, *, actor: str, now: datetime) -> None:
    audit(
        tx,
        organisation=applied.organisation,
        actor=actor,
        action="organisation.applied",
        target=public("org", applied.organisation),
        # Paths, not values: a declaration names people to write to.
        detail={
            "changes": [change.path for change in applied.changes][:200],
            "published": [public("ntv", made.version.id) for made in applied.published],
        },
        now=now,
    )


def document_of(tx: Transaction, organisation: int) -> dict[str, Any] | None:
    """Give the document in force, in the plain form of the organisation's file."""
    own = declared(tx, organisation)
    if own is None:
        return None
    versions = (_latest(tx, organisation, slug) for slug in own.body["notices"])
    return {
        **own.body,
        **catalogue(tx, organisation).declared(),
        "notices": [_as_declared(version) for version in versions if version is not None],
    }


def _latest(tx: Transaction, organisation: int, slug: str) -> VersionShown | None:
    notice = find_notice(tx, organisation, slug)
    shown = history(tx, organisation, notice.id) if notice else []
    return shown[-1] if shown else None


def _as_declared(version: VersionShown) -> dict[str, Any]:
    body = version.body
    return {
        "slug": body["notice"]["slug"],
        "surface": body["notice"]["surface"],
        "purposes": [purpose["slug"] for purpose in body["purposes"]],
        "words": body["words"],
        "site": body["site"]["slug"] if body["site"] else None,
    }
