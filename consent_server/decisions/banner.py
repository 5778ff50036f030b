"""The banner's door: a visitor's choice, from exactly the site's own pages, without a key."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import rfc3339_micros
from ..db import Sql, Transaction, as_json, once_more, swift_write
from ..organisations import SiteInForce, find_site, keys_of, log_of
from ..problems import NotFound, Unprocessable
from ..subjects import Identified, Told, identify, resolve
from ..web import Door, client_prefix, current, limit
from .check import choices_of_banner
from .receipts import receipt_name
from .record import Recorder
from .rules import WITNESSED
from .schemas import BannerDecision, DecisionWritten
from .tokens import token_of
from .values import NewDecision, Written

if TYPE_CHECKING:
    from collections.abc import Collection

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
    recorded_at = rfc3339_micros(written.recorded_at)
    headers = {"Idempotent-Replayed": "true"} if written.replayed else {}
    return written.as_json(recorded_at, token_of(written.recorded_at)), headers


def _write(
    site: SiteInForce, keys: OrganisationKeys, visitor: Identified, body: dict[str, Any]
) -> Written:
    with swift_write(site.organisation) as tx:
        mine = _fingerprint(body)
        found = _replay(tx, site, body["id"], mine)
        if found is not None:
            return found
        configuration = notices.configuration(tx, site.organisation)
        version = _version(tx, site, body["notice_version"])
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
        who = resolve(tx, keys, [visitor], organisation=site.organisation, now=moment)
        return recorder.record(who, said)


def _said(
    body: dict[str, Any],
    site: SiteInForce,
    version: VersionShown,
    configuration: Configuration,
    fingerprint: bytes,
) -> NewDecision:
    extra = {name: body[name] for name in ("shown", "signals") if body.get(name)}
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


def _version(tx: Transaction, site: SiteInForce, number: int) -> VersionShown:
    version = notices.version(tx, site.organisation, number)
    if version is not None and version.surface == "banner":
        shown = notices.banner_of(tx, site.organisation, site.id)
        if version.site_id == site.id or (shown and shown.notice_id == version.notice_id):
            return version
    raise Unprocessable.at("/notice_version", "this site never showed such a notice version")


def _replay(tx: Transaction, site: SiteInForce, client_id: str, mine: bytes) -> Written | None:
    values = {"organisation": site.organisation, "site": site.id, "client_id": client_id}
    rows = tx.run(_SAME, values)
    if not rows:
        return None
    number, subject, recorded_at, fingerprint, choices = rows[0]
    if bytes(fingerprint) != mine:
        raise AnotherBody.at("/id", "make a new id for a new decision")
    configuration = notices.configuration(tx, site.organisation)
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
