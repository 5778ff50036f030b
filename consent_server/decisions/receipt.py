"""What a receipt says: who asked, when, in which words, and each answer; never of whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import rfc3339_micros
from ..db import Sql, Transaction, as_json
from ..ids import public
from ..organisations import site_ids
from ..web import current

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..notices.values import Configuration, VersionShown

# What a receipt is made of, for whoever finds the decisions (`built`).
READING: Final = """
    SELECT d.id, d.recorded_at, d.decided_at, d.door, d.action, d.choices, d.version_id,
           d.language, d.surface, d.site_id, e.place
    FROM decision d
    LEFT JOIN ledger_entry e
      ON e.organisation_id = d.organisation_id AND e.record_id = d.id
    WHERE d.organisation_id = :organisation
"""
_READ: Final = Sql(f"{READING} AND d.id = :id")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One purpose, by the title it was asked under, and what was answered."""

    purpose: str
    title: Mapping[str, str]
    # granted, refused, withdrawn or objected.
    answer: str
    standing: str
    # The purpose as it was shown: basis, kind, channel, how long, who gets data.
    item: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Write it as the receipt's JSON holds it."""
        return {
            "purpose": self.purpose,
            "title": dict(self.title),
            "answer": self.answer,
            "standing": self.standing,
        }


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A decision as the person who made it may read it."""

    name: str
    decision: str
    organisation: Mapping[str, Any]
    recorded_at: int
    decided_at: int
    door: str
    action: str
    surface: str | None
    language: str | None
    site: Mapping[str, Any] | None
    version: VersionShown | None
    answers: tuple[Answer, ...]
    integrated: bool

    @property
    def notice_url(self) -> str | None:
        """Where the words that were shown stand for good."""
        if self.version is None:
            return None
        return f"{current.settings().base_url}/n/{public('ntv', self.version.id)}"

    def as_json(self) -> dict[str, Any]:
        """Write the receipt for a machine of the person's."""
        own, version = self.organisation, self.version
        return {
            "receipt": self.name,
            "decision": self.decision,
            "organisation": {
                "name": own.get("name"),
                "legal_name": own.get("legal_name"),
                "contact": (own.get("contact") or {}).get("email"),
                "dpo": (own.get("dpo") or {}).get("email"),
                "privacy_url": dict(own.get("privacy_url") or {}),
            },
            "recorded_at": rfc3339_micros(self.recorded_at),
            "decided_at": rfc3339_micros(self.decided_at),
            "door": self.door,
            "action": self.action,
            "surface": self.surface,
            "language": self.language,
            "site": dict(self.site) if self.site else None,
            "notice_version": public("ntv", version.id) if version else None,
            "notice_url": self.notice_url,
            "notice_hash": version.content_hash if version else None,
            "choices": [answer.as_json() for answer in self.answers],
            "ledger": "integrated" if self.integrated else "pending",
        }


def read_receipt(
    tx: Transaction, organisation: int, decision: int, name: str
) -> Receipt | None:
    """Read what a receipt says; None once its decision is erased."""
    rows = tx.run(_READ, {"organisation": organisation, "id": decision})
    return built(tx, organisation, rows[0], name) if rows else None


def built(
    tx: Transaction,
    organisation: int,
    row: Sequence[Any],
    name: str,
    configuration: Configuration | None = None,
) -> Receipt:
    """Make the receipt of a decision from what `READING` found."""
    decision, recorded_at, decided_at, door, action, choices, version_id, *more = row
    language, surface, site, place = more
    if configuration is None:
        configuration = notices.configuration(tx, organisation)
    version = notices.version(tx, organisation, version_id) if version_id else None
    titles = _Titles(tx, configuration, version, recorded_at)
    return Receipt(
        name=name,
        decision=public("dec", decision),
        organisation=_organisation(configuration, version),
        recorded_at=recorded_at,
        decided_at=decided_at,
        door=door,
        action=action,
        surface=surface,
        language=language,
        site=_site(tx, configuration, site),
        version=version,
        answers=tuple(
            titles.answer(int(purpose), choice) for purpose, choice in as_json(choices).items()
        ),
        integrated=place is not None,
    )


class _Titles:
    """Titles as they were shown; else as declared now; else as declared that day."""

    def __init__(
        self,
        tx: Transaction,
        configuration: Configuration,
        version: VersionShown | None,
        recorded_at: int,
    ) -> None:
        self.tx = tx
        self.configuration = configuration
        self.recorded_at = recorded_at
        asked = version.body["purposes"] if version else ()
        self.shown = {item["id"]: item for item in asked}

    def answer(self, purpose: int, choice: Mapping[str, Any]) -> Answer:
        item = self._asked(purpose)
        return Answer(
            purpose=item["slug"],
            title=item.get("title") or {},
            answer=choice["named"],
            standing=choice["state"],
            item=item,
        )

    def _asked(self, purpose: int) -> Mapping[str, Any]:
        declared = self.configuration.purposes.get(purpose)
        item = self.shown.get(public("pur", purpose))
        if item is not None:
            return {"dpv": declared.declared.get("dpv") if declared else None, **item}
        if declared is None:
            then = notices.configuration(
                self.tx, self.configuration.organisation, at=self.recorded_at
            )
            declared = then.purposes.get(purpose)
        return declared.declared if declared else {"slug": public("pur", purpose)}


def _organisation(
    configuration: Configuration, version: VersionShown | None
) -> Mapping[str, Any]:
    # Whoever asked is named as the words named them; where to turn to is today's address.
    now: Mapping[str, Any] = configuration.settings.get("organisation", {})
    then: Mapping[str, Any] = version.body["organisation"] if version else now
    return {**now, "name": then.get("name"), "legal_name": then.get("legal_name")}


def _site(
    tx: Transaction, configuration: Configuration, site: int | None
) -> Mapping[str, Any] | None:
    if site is None:
        return None
    slugs = {number: slug for slug, number in site_ids(tx, configuration.organisation).items()}
    for declared in configuration.settings.get("sites", ()):
        if declared["slug"] == slugs.get(site):
            return {
                "id": public("site", site),
                "name": declared["name"],
                "origin": declared["origins"][0] if declared["origins"] else None,
            }
    return {"id": public("site", site), "name": None, "origin": None}
