"""The banner's door: a visitor's choice, from exactly the site's own pages, without a key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from flask import g, request

from .. import notices
from ..clock import rfc3339_micros, to_micros
from ..db import Together, Transaction, as_json
from ..organisations import SiteInForce, find_site, keys_of, log_of
from ..problems import NotFound, Unprocessable
from ..subjects import Identified, Told, holders, identify, resolve
from ..web import Door, client_prefix, current, limit, privacy_control
from .check import choices_of_banner
from .meet import Asked, Known, meet
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


class AnotherBody(Unprocessable):
    """The id was used for another decision."""

    code = "id_reused"
    title = "The id was used for another decision"


def _origins(site_id: str) -> Collection[str]:
    g.consent_site = _site(site_id)
    return cast("SiteInForce", g.consent_site).origins


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
    # Found when the page's origin was looked at; `site_id` is its name.
    site = cast("SiteInForce", g.consent_site)
    limit("decisions", f"{site.id}|{client_prefix()}")
    keys = keys_of(site.organisation)
    visitor = identify("visitor", body["visitor"], region="")
    hashes = tuple(keys.index("visitor", visitor.match, each) for each in keys.index_keys)
    asked = Asked(hashes, site.id, body["id"], body.get("previous"))
    choice = _Choice(site, keys, visitor, body, _fingerprint(body), asked)
    written = _together.write(site.organisation, hashes, choice)
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


@dataclass(frozen=True)
class _Choice:
    """One visitor's choice, read and ready to be written."""

    site: SiteInForce
    keys: OrganisationKeys
    visitor: Identified
    body: dict[str, Any]
    fingerprint: bytes
    asked: Asked


def _meet(tx: Transaction, choices: Sequence[_Choice]) -> list[Known]:
    organisation = choices[0].site.organisation
    return meet(tx, organisation, [choice.asked for choice in choices])


def _write(tx: Transaction, choice: _Choice, known: Known) -> Written:
    site, keys, visitor = choice.site, choice.keys, choice.visitor
    configuration = notices.configuration(tx, site.organisation, version=known.version)
    if known.same:
        return _replayed(known.same, site, choice.fingerprint, configuration)
    version = _version(tx, site, choice.body["notice_version"], configuration)
    now = current.now()
    recorder = Recorder(
        tx,
        keys,
        configuration,
        current.keyring().derive("receipts"),
        log_of(tx, site.organisation),
        now,
        known,
    )
    said = _said(choice.body, site, version, configuration, choice.fingerprint)
    who = resolve(
        tx,
        keys,
        [visitor],
        organisation=site.organisation,
        now=to_micros(now),
        held=[holders(visitor, [known.holding])],
    )
    return recorder.record(who, said)


_together: Final = Together(_meet, _write)


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


def _replayed(
    row: Sequence[Any], site: SiteInForce, mine: bytes, configuration: Configuration
) -> Written:
    number, subject, recorded_at, fingerprint, choices = row
    if bytes.fromhex(fingerprint) != mine:
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
