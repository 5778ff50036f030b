"""The lookup: one identifier, one or several questions, each answered with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from .. import notices
from ..clock import rfc3339, rfc3339_micros, to_micros
from ..db import db, read
from ..ids import parse, public
from ..organisations.document.law import bounds_of
from ..subjects import identify, read_sha256, territory_of
from ..subjects.identifiers import CROSSED
from .explain import explain, explain_in_full
from .gather import Gathered, gather
from .past import gather_past
from .rules import may_contact
from .steps import steps
from .trail import follow
from .values import Asked, Because, Facts, Permission, Retention, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose

# How long a caller may rely on an answer it holds (standards.md PRO-9); our own answers
# are never kept.
MAX_AGE: Final = 300
# By organisation: the configuration last asked about, and what the rules need of it.
_settings: Final[dict[int, tuple[Configuration, Setting]]] = {}


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question as asked: a purpose, or a family and a channel; now or at a past moment."""

    purpose: str
    channel: str | None = None
    at: datetime | None = None
    known_now: bool = False
    explain: str | None = None


def answer(
    keys: OrganisationKeys,
    kind: str,
    text: str,
    questions: Sequence[Question],
    *,
    region: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """Answer questions about whoever one identifier names, each with its reason."""
    name, hashes = hashes_of(keys, kind, text, region=region)
    found = gather(db.engine, keys.organisation, name, hashes)
    configuration = _in_force(keys.organisation, found.version)
    territory = territory_of(text, region=region) if kind == "phone" else None
    return [
        _answer(keys, question, name, hashes, found, configuration, now, territory)
        for question in questions
    ]


def hashes_of(
    keys: OrganisationKeys, kind: str, text: str, *, region: str
) -> tuple[str, list[bytes]]:
    """Hash an identifier under every index key in use; raises `NotAnIdentifier`."""
    versions = sorted(keys.index_keys, reverse=True)
    if kind.startswith("sha256_"):
        plain = read_sha256(text)
        return CROSSED, [keys.index(CROSSED, plain, version) for version in versions]
    known = identify(kind, text, region=region)  # type: ignore[arg-type] # by the schema
    return kind, [keys.index(known.kind, known.match, version) for version in versions]


def subject_of(keys: OrganisationKeys, kind: str, text: str, *, region: str) -> int | None:
    """Find whom an identifier names, as the answers name her; raises `NotAnIdentifier`."""
    name, hashes = hashes_of(keys, kind, text, region=region)
    found = gather(db.engine, keys.organisation, name, hashes)
    return min(found.subjects, default=None)


def _in_force(organisation: int, version: int) -> Configuration:
    app = current_app._get_current_object()  # type: ignore[attr-defined] # Flask's own word
    found = notices.configuration_kept(app, organisation, version)
    if found is None:
        with read(organisation) as tx:
            found = notices.configuration(tx, organisation)
    return found


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One question with its answer, and what it was answered from."""

    asked: Asked
    facts: Facts
    setting: Setting
    permission: Permission


def _answer(
    keys: OrganisationKeys,
    question: Question,
    name: str,
    hashes: Sequence[bytes],
    found: Gathered,
    configuration: Configuration,
    now: datetime,
    territory: str | None,
) -> dict[str, Any]:
    moment = now
    if question.at is not None:
        moment = question.at
        with read(keys.organisation) as tx:
            at = to_micros(moment)
            configuration = notices.configuration(tx, keys.organisation, at=at)
            purpose = find_purpose(configuration, question.purpose, question.channel)
            found = gather_past(
                tx,
                keys.organisation,
                name,
                hashes,
                [purpose] if purpose else [],
                at=at,
                as_known=to_micros(now) if question.known_now else None,
            )
    judged = judge(question, found, configuration, moment, territory)
    said = as_json(judged.permission, judged.asked, found, moment)
    if question.explain == "full":
        said.update(_in_full(keys.organisation, judged, found, moment))
    elif question.explain:
        said["explanation"] = explain(judged.permission)
    return said


def _in_full(
    organisation: int, judged: Judged, found: Gathered, moment: datetime
) -> dict[str, Any]:
    with read(organisation) as tx:
        trail = follow(tx, organisation, found, judged.facts, at=to_micros(moment))
    chain = steps(judged.facts, judged.asked, judged.setting, judged.permission, trail)
    return explain_in_full(judged.permission, chain)


def judge(
    question: Question,
    found: Gathered,
    configuration: Configuration,
    moment: datetime,
    territory: str | None = None,
) -> Judged:
    """Answer one question from what was gathered."""
    purpose = find_purpose(configuration, question.purpose, question.channel)
    asked = Asked(
        name=question.purpose, purpose=purpose, channel=question.channel, territory=territory
    )
    facts = found.about(purpose.id if purpose else 0)
    setting = setting_of(configuration)
    permission = may_contact(facts, asked, setting, to_micros(moment))
    return Judged(asked=asked, facts=facts, setting=setting, permission=permission)


def decide(
    question: Question,
    found: Gathered,
    configuration: Configuration,
    moment: datetime,
    territory: str | None = None,
) -> dict[str, Any]:
    """Answer one question from what was gathered, and write the answer down."""
    judged = judge(question, found, configuration, moment, territory)
    return as_json(judged.permission, judged.asked, found, moment)


def find_purpose(
    configuration: Configuration, name: str, channel: str | None
) -> Purpose | None:
    """Find a purpose by slug or id, or by a family and a channel; one or none."""
    number = parse("pur", name)
    if number is not None:
        return configuration.purposes.get(number)
    found = configuration.purpose(name)
    if found is not None or channel is None:
        return found
    several = [
        each
        for each in configuration.purposes.values()
        if each.family == name and each.channel == channel
    ]
    return several[0] if len(several) == 1 else None


def setting_of(configuration: Configuration) -> Setting:
    """Pick out of a configuration what the rules need; kept as long as it is in force."""
    kept = _settings.get(configuration.organisation)
    if kept is None or kept[0] is not configuration:
        kept = _settings[configuration.organisation] = (configuration, _setting(configuration))
    return kept[1]


def _setting(configuration: Configuration) -> Setting:
    settings = configuration.settings.get("organisation", {}).get("settings", {})
    retention = {
        each["kind"]: Retention(
            period=each["retention"]["period"], counts_from=each["retention"]["counts_from"]
        )
        for each in configuration.settings.get("relationships", ())
        if each.get("retention")
    }
    return Setting(
        country=configuration.country,
        floors=configuration.floors,
        retention=retention,
        phone_limit=settings.get("phone_consent_limit"),
        age_of_consent=int(settings.get("age_of_consent") or 0),
        bounds={each["channel"]: bounds_of(each) for each in settings.get("limits") or ()},
        devices=configuration.devices,
        device_conflict=configuration.device_conflict,
    )


def as_json(
    permission: Permission,
    asked: Asked,
    found: Gathered,
    moment: datetime,
) -> dict[str, Any]:
    """Write a permission as the contract has it (design.md §7)."""
    purpose = asked.purpose
    version = permission.version
    answer: dict[str, Any] = {
        "allowed": permission.allowed,
        "because": permission.because.value,
        "basis": permission.basis,
        "regime": permission.regime.value if permission.regime else None,
        "purpose": purpose.slug if purpose else asked.name,
        "channel": purpose.channel if purpose else asked.channel,
        "subject": public("sub", min(found.subjects)) if found.subjects else None,
        "decision": public("dec", permission.decision) if permission.decision else None,
        "notice_version": public("ntv", version) if version else None,
        "since": rfc3339_micros(permission.since) if permission.since else None,
        "expires_at": rfc3339_micros(permission.expires_at) if permission.expires_at else None,
        "as_of": rfc3339(moment),
        "max_age": MAX_AGE,
    }
    if permission.because is Because.ERASED:
        answer["erased"] = True
    if permission.next_permitted_at is not None:
        answer["next_permitted_at"] = rfc3339_micros(permission.next_permitted_at)
    return answer


def unavailable() -> Mapping[str, Any]:
    """Say no because the database cannot answer (promise 3)."""
    return {"allowed": False, "because": Because.UNAVAILABLE.value}
