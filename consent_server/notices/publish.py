"""Publishing: a draft becomes an immutable version, and floors move where it touches."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .. import ledger
from ..clock import rfc3339_micros, to_micros
from ..ids import new_id, parse, public
from ..organisations import audit, bump, declared, keys_of, log_of, site_ids
from ..problems import FieldError, NotFound, Unprocessable
from .body import compose, content_hash
from .catalogue import catalogue
from .drafts import written
from .models import Floor, NoticeVersion, VersionDirectory
from .rules import judge
from .versions import history, version

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from ..db import Transaction
    from .drafts import NoticeRow
    from .rules import Judgement
    from .values import VersionShown


@dataclass(frozen=True)
class Preview:
    """What publishing now would make: a body, its judgement, and the version before it."""

    body: Mapping[str, Any]
    judgement: Judgement
    before: VersionShown | None

    @property
    def number(self) -> int:
        """The number that the version would bear."""
        return self.before.number + 1 if self.before else 1

    @property
    def differs(self) -> bool:
        """Tell whether people would be shown anything else than now."""
        return self.before is None or content_hash(self.body).hex() != self.before.content_hash


@dataclass(frozen=True)
class Published:
    """A version that has just been published, and what it means for earlier consents."""

    notice: NoticeRow
    version: VersionShown
    judgement: Judgement


def preview(
    tx: Transaction, organisation: int, notice: NoticeRow, *, raised: Collection[str] = ()
) -> Preview:
    """Tell what publishing the draft now would mean, changing nothing."""
    own = declared(tx, organisation)
    if own is None:
        raise NotFound
    body = compose(
        written(tx, organisation, notice),
        own.body,
        catalogue(tx, organisation),
        site_ids(tx, organisation),
    )
    _refuse_unknown(raised, body)
    earlier = history(tx, organisation, notice.id)
    before = earlier[-1] if earlier else None
    spoken = {tongue for one in earlier for tongue in one.languages}
    judgement = judge(before.body if before else None, body, raised=raised, spoken=spoken)
    return Preview(body, judgement, before)


def _refuse_unknown(raised: Collection[str], body: Mapping[str, Any]) -> None:
    unknown = sorted(set(raised) - {item["slug"] for item in body["purposes"]})
    if unknown:
        detail = f"not a purpose of this notice: {', '.join(unknown)}"
        raise Unprocessable(errors=[FieldError("/ask_again", detail)])


def publish(
    tx: Transaction,
    organisation: int,
    notice: NoticeRow,
    *,
    actor: str,
    now: datetime,
    raised: Collection[str] = (),
) -> Published | None:
    """Publish the draft; None if people would be shown what they are shown already.

    `raised` names purposes whose consents the author lets lapse beyond what the rules say.
    """
    seen = preview(tx, organisation, notice, raised=raised)
    if not seen.differs and not raised:
        return None
    shown = _insert(tx, organisation, notice, seen, now=now)
    bump(tx, organisation)
    _commit_to(tx, organisation, shown, seen)
    audit(
        tx,
        organisation=organisation,
        actor=actor,
        action="notice.published",
        target=public("ntv", shown.id),
        detail={
            "notice": notice.slug,
            "number": seen.number,
            "judgement": seen.judgement.kind,
            "raised": sorted(raised),
        },
        now=now,
    )
    return Published(notice, shown, seen.judgement)


def _insert(
    tx: Transaction, organisation: int, notice: NoticeRow, seen: Preview, *, now: datetime
) -> VersionShown:
    number, moment = new_id(), to_micros(now)
    tx.session.add_all(
        [
            VersionDirectory(version_id=number, organisation_id=organisation),
            NoticeVersion(
                organisation_id=organisation,
                id=number,
                notice_id=notice.id,
                number=seen.number,
                recorded_at=moment,
                body=dict(seen.body),
                content_hash=content_hash(seen.body),
                judgement=seen.judgement.kind,
                because=reasons_said(seen.judgement),
            ),
            *_floors(organisation, notice, seen, moment),
        ]
    )
    tx.session.flush()
    shown = version(tx, organisation, number)
    if shown is None:
        raise NotFound
    return shown


def _floors(
    organisation: int, notice: NoticeRow, seen: Preview, moment: int
) -> Sequence[Floor]:
    return [
        Floor(
            organisation_id=organisation,
            notice_id=notice.id,
            purpose_id=parse("pur", item["id"]),
            number=seen.number,
            recorded_at=moment,
        )
        for item in seen.body["purposes"]
        if item["slug"] in seen.judgement.touched
    ]


def _commit_to(tx: Transaction, organisation: int, shown: VersionShown, seen: Preview) -> None:
    names = {
        "notice": public("ntc", shown.notice_id),
        "notice_version": public("ntv", shown.id),
        "number": shown.number,
        "judgement": seen.judgement.kind,
        "touched": sorted(seen.judgement.touched),
    }
    ledger.append(
        tx,
        organisation=organisation,
        log=log_of(tx, organisation),
        record_id=shown.id,
        kind="notice_version",
        record={
            "v": 1,
            "kind": "notice_version",
            "organisation": public("org", organisation),
            "recorded_at": rfc3339_micros(shown.recorded_at),
            "content_hash": shown.content_hash,
            "languages": list(shown.languages),
            "surface": shown.surface,
            **names,
        },
        recorded_at=shown.recorded_at,
        keys=keys_of(organisation, tx),
        announcements=[{"type": "notice.published", **names}],
    )


def reasons_said(judgement: Judgement) -> list[dict[str, Any]]:
    """Say the reasons of a judgement as they are stored and shown."""
    return [{**asdict(reason), "words": dict(reason.words)} for reason in judgement.reasons]
