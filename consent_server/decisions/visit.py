"""A visit: one visitor's choice on its way from a door into the tables."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import notices
from ..clock import rfc3339_micros, to_micros
from ..db import Member, Together, Transaction, as_json
from ..organisations import log_of
from ..problems import Unprocessable
from ..subjects import Identified, Told, holders, identify, resolve
from ..web import client_prefix, current
from .check import choices_of_banner
from .meet import Asked, Met, meet
from .pattern import Pattern, patterns_of
from .plain import Setting, judge, write_plain
from .receipts import receipt_name
from .record import Recorder
from .rules import WITNESSED
from .tokens import token_of
from .values import NewDecision, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, VersionShown
    from ..organisations import SiteInForce

# The quota that visitors' choices are counted against.
RATE: Final = "decisions"


class AnotherBody(Unprocessable):
    """The id was used for another decision."""

    code = "id_reused"
    title = "The id was used for another decision"


class Visit(NamedTuple):
    """One visitor's choice, read and ready to be written."""

    site: SiteInForce
    keys: OrganisationKeys
    visitor: Identified
    body: Mapping[str, Any]
    # The browser's own signal, beside what its page says.
    gpc: bool
    fingerprint: bytes
    asked: Asked

    @classmethod
    def of(
        cls, site: SiteInForce, keys: OrganisationKeys, body: Mapping[str, Any], *, gpc: bool
    ) -> Visit:
        """Take up a body that its schema has read."""
        visitor = identify("visitor", body["visitor"], region="")
        hashes = tuple(keys.index("visitor", visitor.match, each) for each in keys.index_keys)
        asked = Asked(hashes, site.id, body["id"], body.get("previous"))
        return cls(site, keys, visitor, body, gpc, _fingerprint(body), asked)

    @property
    def pattern(self) -> Hashable:
        """Give what tells this choice from those that are not alike."""
        body = self.body
        # What the page showed, and its signals, are of any shape.
        shown = repr((body.get("shown"), body.get("signals")))
        return (
            self.site.id, body["notice_version"], body["language"], body["action"],
            body["surface"], self.gpc, shown, tuple(body["choices"].items()),
        )  # fmt: skip


def asker(site: SiteInForce, environ: WSGIEnvironment) -> str:
    """Name whose quota a choice is counted against: a site's visitors of one network."""
    return f"{site.id}|{client_prefix(environ)}"


def record(visit: Visit, app: Flask | None = None) -> Written:
    """Record a choice, in one transaction with those it meets; `app` in front of Flask."""
    return _together.write(visit.site.organisation, visit.asked.hashes, visit, app)


def in_line(visit: Visit, wake: Callable[[], None]) -> Member[Visit, Written]:
    """Make of a choice what can stand in line to be recorded; `wake` as `Member` calls it."""
    return Member(visit.site.organisation, visit.asked.hashes, visit, wake)


def enter(member: Member[Visit, Written], app: Flask) -> bool:
    """Let it stand in line; tells whether it has to lead at once."""
    return _together.enter(member, app)


def lead(member: Member[Visit, Written], app: Flask) -> None:
    """Record a choice whose turn it is, and those that stand in line with it."""
    _together.lead(member, app)


def said_of(written: Written) -> tuple[dict[str, Any], dict[str, str]]:
    """Say what was written, as either door answers it: the body, and headers of its own."""
    recorded_at = rfc3339_micros(written.recorded_at)
    headers = {"Idempotent-Replayed": "true"} if written.replayed else {}
    return written.as_json(recorded_at, token_of(written.recorded_at)), headers


def _meet(tx: Transaction, visits: Sequence[Visit]) -> list[tuple[Setting, Met]]:
    organisation = visits[0].site.organisation
    known = meet(tx, organisation, [visit.asked for visit in visits])
    now = current.now()
    setting = Setting(
        notices.configuration(tx, organisation, version=known[0].version),
        current.keyring().derive("receipts"),
        log_of(tx, organisation),
        now,
        to_micros(now),
    )
    return [(setting, each) for each in known]


def _write(tx: Transaction, visit: Visit, met: tuple[Setting, Met]) -> Written:
    setting, known = met
    if known.same:
        return _replayed(known.same, visit.site, visit.fingerprint, setting.configuration)
    body = visit.body
    pattern = _pattern(tx, visit, setting.configuration)
    decided_at, previous = to_micros(body["decided_at"]), body.get("previous")
    plain = judge(pattern, known, decided_at, previous, setting.moment)
    own = {"client_id": body["id"], "fingerprint": visit.fingerprint}
    if plain is not None:
        return write_plain(tx, visit.keys, setting, pattern, plain, visit.visitor, own)
    said = replace(pattern.said, decided_at=body["decided_at"], previous=previous, **own)
    who = resolve(
        tx,
        visit.keys,
        [visit.visitor],
        organisation=visit.site.organisation,
        now=setting.moment,
        held=[holders(visit.visitor, [known.holding])],
    )
    recorder = Recorder(
        tx,
        visit.keys,
        setting.configuration,
        setting.receipt_key,
        setting.log,
        setting.now,
        known.known,
    )
    return recorder.record(who, said)


_together: Final = Together(_meet, _write)


def _pattern(tx: Transaction, visit: Visit, configuration: Configuration) -> Pattern:
    patterns, key = patterns_of(configuration), visit.pattern
    found = patterns.get(key)
    if found is None:
        version = _version(tx, visit.site, visit.body["notice_version"], configuration)
        said = _said(visit, version, configuration)
        found = patterns[key] = Pattern(said, version, configuration)
    return found


def _said(visit: Visit, version: VersionShown, configuration: Configuration) -> NewDecision:
    body = visit.body
    extra = {name: body[name] for name in ("shown", "signals") if body.get(name)}
    if visit.gpc:
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
        site=visit.site.id,
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


def _fingerprint(body: Mapping[str, Any]) -> bytes:
    # The answers hold no objects, and everybody sends them.
    told = [
        (name, sorted(value.items()) if name == "choices" else _in_order(value))
        for name, value in sorted(body.items())
    ]
    return hashlib.sha256(repr(told).encode()).digest()


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((name, _in_order(item)) for name, item in value.items())
    return value
