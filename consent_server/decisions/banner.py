"""The banner's door: a visitor's choice, from exactly the site's own pages, without a key."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import request

from .. import notices
from ..clock import rfc3339_micros
from ..db import Sql, Transaction, as_json, once_more, swift_write
from ..organisations import SiteInForce, asking_version, find_site, keys_of, log_of
from ..problems import NotFound, Unprocessable
from ..subjects import Identified, Told, asking, holders, identify, resolve
from ..web import Door, client_prefix, current, limit, privacy_control
from .check import choices_of_banner
from .own_record import own_record
from .receipts import receipt_name
from .record import Recorder
from .rules import WITNESSED
from .schemas import BannerDecision, DecisionWritten, RecordAsked, RecordOut
from .tally import answered, tally
from .tokens import token_of
from .values import NewDecision, Written

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from flask.typing import ResponseReturnValue

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, VersionShown

door = Door("banner", __name__, description="What a site's own pages call.")

_SAME: Final = Sql(
    "SELECT id, subject_id, recorded_at, fingerprint, choices FROM decision"
    " WHERE organisation_id = :organisation AND site_id = :site AND client_id = :client_id"
)


class AnotherBody(Unprocessable):
    """The id was used for another decision."""

    code = "id_reused"
    title = "The id was used for another decision"


def _origins(site_id: str) -> Collection[str]:
    return _site(site_id).origins


def _site(site_id: str) -> SiteInForce:
    site = find_site(None, site_id)
    if site is None:
        raise NotFound
    return site


@door.post("/v1/sites/<site_id>/decisions")
@door.open_to(_origins)
@door.takes(BannerDecision)
@door.answers(HTTPStatus.CREATED, DecisionWritten, description="The receipt.")
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
def decide(body: dict[str, Any], site_id: str) -> ResponseReturnValue:
    """Record a visitor's choice; the id the browser made makes a retry harmless, for good."""
    site = _site(site_id)
    limit("decisions", f"{site.id}|{client_prefix()}")
    keys = keys_of(site.organisation)
    visitor = identify("visitor", body["visitor"], region="")
    written = once_more(lambda: _write(site, keys, visitor, body))
    if not written.replayed:
        tally(site, answered(body["action"], request.headers.get("User-Agent", "")))
    recorded_at = rfc3339_micros(written.recorded_at)
    headers = {"Idempotent-Replayed": "true"} if written.replayed else {}
    return written.as_json(recorded_at, token_of(written.recorded_at)), headers


@door.post("/v1/sites/<site_id>/record")
@door.open_to(_origins)
@door.takes(RecordAsked)
@door.answers(HTTPStatus.OK, RecordOut, description="Every answer, newest first.")
@door.refuses(HTTPStatus.NOT_FOUND)
def show_record(body: dict[str, Any], site_id: str) -> ResponseReturnValue:
    """Show a visitor their own record on this site; an unknown id has an empty one."""
    site = _site(site_id)
    limit("pages", f"record|{site.id}|{client_prefix()}")
    visitor = identify("visitor", body["visitor"], region="")
    whole = body["do"] == "export"
    headers = {"Cache-Control": "no-store"}
    if whole:
        headers["Content-Disposition"] = 'attachment; filename="consent-record.json"'
    return own_record(site, visitor, whole=whole), headers


def _write(
    site: SiteInForce, keys: OrganisationKeys, visitor: Identified, body: dict[str, Any]
) -> Written:
    with swift_write(site.organisation) as tx:
        mine = _fingerprint(body)
        same, directory, *answers = tx.run_together(
            [
                (_SAME, _of_site(site, body["id"])),
                asking_version(site.organisation),
                *asking(keys, visitor),
            ]
        )
        configuration = notices.configuration(
            tx, site.organisation, version=directory[0][0] if directory else None
        )
        if same:
            return _replayed(same[0], site, mine, configuration)
        version = _version(tx, site, body["notice_version"], configuration)
        now = current.now()
        recorder = Recorder(
            tx,
            keys,
            configuration,
            current.keyring().derive("receipts"),
            log_of(tx, site.organisation),
            now,
        )
        said = _said(body, site, version, configuration, mine)
        moment = int(now.timestamp() * 1_000_000)
        who = resolve(
            tx,
            keys,
            [visitor],
            organisation=site.organisation,
            now=moment,
            held=[holders(visitor, answers)],
        )
        return recorder.record(who, said)


def _said(
    body: dict[str, Any],
    site: SiteInForce,
    version: VersionShown,
    configuration: Configuration,
    fingerprint: bytes,
) -> NewDecision:
    extra = {name: body[name] for name in ("shown", "signals") if body.get(name)}
    if privacy_control():
        extra["signals"] = {**extra.get("signals", {}), "gpc": True}
    return NewDecision(
        door="banner",
        action=body["action"],
        choices=choices_of_banner(body["choices"], body["action"], version, configuration),
        told=Told(source="banner"),
        decided_at=body["decided_at"],
        assertion=WITNESSED,
        version=version,
        language=body["language"],
        surface=body["surface"],
        previous=body.get("previous"),
        site=site.id,
        client_id=body["id"],
        fingerprint=fingerprint,
        extra=extra,
    )


def _version(
    tx: Transaction, site: SiteInForce, number: int, configuration: Configuration
) -> VersionShown:
    version = notices.version(tx, site.organisation, number)
    if version is not None and version.surface == "banner":
        if version.site_id == site.id:
            return version
        shown = configuration.banners.get(site.id)
        now = notices.version(tx, site.organisation, shown) if shown else None
        if now is not None and now.notice_id == version.notice_id:
            return version
    raise Unprocessable.at("/notice_version", "this site never showed such a notice version")


def _of_site(site: SiteInForce, client_id: str) -> dict[str, Any]:
    return {"organisation": site.organisation, "site": site.id, "client_id": client_id}


def _replayed(
    row: Sequence[Any], site: SiteInForce, mine: bytes, configuration: Configuration
) -> Written:
    number, subject, recorded_at, fingerprint, choices = row
    if bytes(fingerprint) != mine:
        raise AnotherBody.at("/id", "make a new id for a new decision")
    states = {
        configuration.purposes[int(purpose)].slug: choice["state"]
        for purpose, choice in as_json(choices).items()
        if int(purpose) in configuration.purposes
    }
    return Written(
        id=number,
        subject=subject,
        receipt=receipt_name(current.keyring().derive("receipts"), site.organisation, number),
        recorded_at=recorded_at,
        standing=states,
        ask_again=tuple(slug for slug, state in states.items() if state == "superseded"),
        replayed=True,
    )


def _fingerprint(body: dict[str, Any]) -> bytes:
    return hashlib.sha256(repr(_in_order(body)).encode()).digest()


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((name, _in_order(item)) for name, item in value.items())
    return value
