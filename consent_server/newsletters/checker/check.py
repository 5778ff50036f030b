"""Checking: the message beside what this organisation knows of its link and its recipient."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ... import notices
from ...db import read
from ...organisations import keys_of
from ...permissions.lookup import Question, answer
from ...subjects import NotAnIdentifier, identify
from ...subjects.read import region_of
from ...web import current, load_words
from ..capability import read_link
from ..links import Link, owner_of, read_link_row
from .letter import read_letter
from .rules import ERROR, Finding, Known, judge, token_in
from .signature import check_signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...keyring import OrganisationKeys
    from ...mail.records import Record
    from ...notices.values import Configuration
    from .letter import Letter

WORDS: Final = load_words(Path(__file__).parent)
# Purposes of their own (standards.md PIX-5).
OPEN_TRACKING: Final = "email_open_tracking"
CLICK_TRACKING: Final = "email_click_tracking"


@dataclass(frozen=True)
class Checked:
    """The answer: what was found, and whether the message may go."""

    findings: tuple[Finding, ...]

    @property
    def fit(self) -> bool:
        """Tell whether nothing keeps it from being sent."""
        return all(each.severity != ERROR for each in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Write it with the words of each finding, and how to mend it."""
        return {"fit": self.fit, "findings": [_said(each) for each in self.findings]}


def check(
    organisation: int,
    raw: bytes,
    *,
    asked: Callable[[Mapping[str, Any]], None],
    records: Sequence[Record] = (),
) -> Checked:
    """Check a message of an organisation; `asked` hears of each lookup that was made.

    With the records of the signing domain its signatures are checked too. Raises
    `UnreadableLetter`.
    """
    letter = read_letter(raw)
    with read(organisation) as tx:
        keys = keys_of(organisation, tx)
        configuration = notices.configuration(tx, organisation)
    findings = judge(letter, _known(keys, configuration, letter, asked))
    if records:
        now = int(current.now().timestamp())
        findings += check_signatures(raw, records, now)
    return Checked(tuple(findings))


def _known(
    keys: OrganisationKeys,
    configuration: Configuration,
    letter: Letter,
    asked: Callable[[Mapping[str, Any]], None],
) -> Known:
    base = current.settings().base_url
    token = token_in(letter, base)
    link = _link(keys.organisation, token) if token else None
    recipient = letter.recipients[0] if len(letter.recipients) == 1 else None

    def may(slug: str) -> bool | None:
        if recipient is None or configuration.purpose(slug) is None:
            return None
        try:
            (said,) = answer(
                keys,
                "email",
                recipient,
                [Question(purpose=slug)],
                region=region_of(configuration),
                now=current.now(),
            )
        except NotAnIdentifier:
            return None
        asked(said)
        return bool(said["allowed"])

    purpose = configuration.purposes.get(link.purpose or 0) if link else None
    return Known(
        base_url=base,
        link=None if token is None else link is not None,
        for_recipient=_made_for(keys, link, recipient),
        allowed=may(purpose.slug) if purpose else None,
        open_tracking=bool(may(OPEN_TRACKING)),
        click_tracking=bool(may(CLICK_TRACKING)),
    )


def _link(organisation: int, token: str) -> Link | None:
    held = read_link(token)
    with read() as outside:
        owner = owner_of(outside, held.link_hash)
    # One of another organisation is as unknown here as one that nobody has.
    if owner != organisation or not held.genuine:
        return None
    with read(organisation) as tx:
        return read_link_row(tx, organisation, held.name)


def _made_for(keys: OrganisationKeys, link: Link | None, recipient: str | None) -> bool:
    if link is None or link.known is None or recipient is None or link.known.kind != "email":
        return True
    try:
        given = identify("email", recipient, region="")
    except NotAnIdentifier:
        return False
    hashes = {keys.index("email", given.match, version) for version in keys.index_keys}
    return link.known.hash in hashes


def _said(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "where": finding.where,
        "detail": {language: words[finding.code] for language, words in WORDS.items()},
        "mend": {language: words[f"mend_{finding.code}"] for language, words in WORDS.items()},
    }
