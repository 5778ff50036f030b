"""Queueing: a message is written whole, sealed, in the caller's transaction.

So what it speaks of and the message exist together or not at all. It leaves in its own
time (`deliver.py`).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..db import Sql, Transaction, to_json
from ..ids import new_id
from ..organisations import keys_of
from . import rules
from .catalogue import TEMPLATES
from .compose import compose, message_id
from .render import render, words_of
from .rules import Spent, mailbox_of, within
from .sender import mail_host, sender_of
from .waiting import SEALED_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ..config import MailBudget
    from ..keyring import OrganisationKeys

_INSERT: Final = Sql(
    """
    INSERT INTO mail_message
        (organisation_id, id, template, language, sealed, recipient_hash, key_version,
         mailbox_hash, domain_hash, about, recorded_at, state, tries, due_at,
         leased_by, leased_until, finished_at, outcome)
    VALUES (:organisation, :id, :template, :language, :sealed, :recipient, :version,
            :mailbox, :domain, :about, :now, 'waiting', 0, :now, '', 0, NULL, NULL)
    """
)
# Of a domain, at most as many as would matter: ten thousand need not be counted.
_SPENT: Final = Sql(
    """
    SELECT (SELECT COUNT(*) FROM mail_message WHERE organisation_id = :organisation
              AND mailbox_hash = :mailbox AND recorded_at > :lately AND template = :template
              AND about = :about),
           (SELECT COUNT(*) FROM mail_message WHERE organisation_id = :organisation
              AND mailbox_hash = :mailbox AND recorded_at > :today AND template = :template),
           (SELECT COUNT(*) FROM (SELECT 1 FROM mail_message
              WHERE organisation_id = :organisation AND domain_hash = :domain
              AND recorded_at > :hour AND template = :template LIMIT :most) AS few)
    """
)
_FORGET_OLD: Final = Sql(
    "DELETE FROM mail_message WHERE organisation_id = :organisation AND due_at IS NULL"
    " AND finished_at < :before"
)
_FORGET: Final = Sql(
    "DELETE FROM mail_message WHERE organisation_id = :organisation AND recipient_hash = :hash"
)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message to one person, in the words of a template."""

    organisation: int
    # The address to write to, and the form it is matched by (subjects.identify).
    to: str
    match: str
    template: str
    # The person's; the nearest that has words is taken.
    language: str
    # What the template's words name; lists become lists.
    values: Mapping[str, str | Sequence[str]]
    # What it is about, so that budgets tell one request from another.
    about: str = ""
    # The link of `List-Unsubscribe`, where it is mail of a list.
    unsubscribe: str | None = None


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A message that will leave: its number, and the Message-ID it bears."""

    id: int
    message_id: str


def queue(
    tx: Transaction, message: Message, *, now: datetime, budget: MailBudget | None = None
) -> Queued | None:
    """Let a message wait to leave; None if its budget is spent.

    With a budget, transactions about one mailbox must follow each other (`lock_of`).
    Raises `UnfitAddress` for an address nobody can write to.
    """
    keys = keys_of(message.organisation, tx)
    counted = _counted(keys, message, to_micros(now))
    if budget is not None and not _allowed(tx, counted, budget):
        return None
    template = TEMPLATES[message.template]
    sender = sender_of(tx, message.organisation)
    language, words = words_of(
        template, message.language, sender.language, sender.words.get(message.template, {})
    )
    common = {"organisation": sender.organisation, "legal_name": sender.legal_name}
    rendered = render(
        words, {**common, **message.values}, language=language, foot=sender.foot(language)
    )
    number = new_id()
    name = message_id(number, mail_host())
    raw = compose(
        rendered,
        sender,
        to=message.to,
        name=name,
        unsubscribe=message.unsubscribe,
        now=now,
    )
    whole = {"to": message.to, "from": sender.address, "raw": b64encode(raw).decode()}
    tx.run(
        _INSERT,
        {
            **counted,
            "id": number,
            "language": language,
            "sealed": keys.seal(to_json(whole).encode(), SEALED_TABLE, number),
            "recipient": keys.index("email", message.match),
            "version": keys.index_version,
        },
    )
    return Queued(id=number, message_id=name)


def lock_of(keys: OrganisationKeys, match: str) -> int:
    """Name the queue in which those who write to one mailbox follow each other."""
    mailbox, _ = mailbox_of(match)
    return int.from_bytes(keys.index("mailbox", mailbox)[:8], signed=True)


def _counted(keys: OrganisationKeys, message: Message, now: int) -> dict[str, Any]:
    mailbox, domain = mailbox_of(message.match)
    return {
        "organisation": message.organisation,
        "template": message.template,
        "mailbox": keys.index("mailbox", mailbox),
        "domain": keys.index("mail_domain", domain),
        "about": message.about,
        "now": now,
    }


def _allowed(tx: Transaction, counted: Mapping[str, Any], budget: MailBudget) -> bool:
    now = counted["now"]
    asked = {
        **counted,
        "lately": now - budget.pause_seconds * 1_000_000,
        "today": now - rules.DAY,
        "hour": now - rules.HOUR,
        "most": budget.domain_an_hour,
    }
    ((same, today, domain),) = tx.run(_SPENT, asked)
    return within(
        Spent(same_lately=same, mailbox_today=today, domain_lately=domain),
        mailbox_a_day=budget.mailbox_a_day,
        domain_an_hour=budget.domain_an_hour,
    )


def forget(tx: Transaction, organisation: int, hashes: Iterable[bytes]) -> None:
    """Drop every message to somebody who is erased: what waits does not leave."""
    tx.run_many(_FORGET, [{"organisation": organisation, "hash": each} for each in hashes])


def forget_old(tx: Transaction, organisation: int, now: int) -> None:
    """Drop what left long ago: no report of it comes any more."""
    tx.run(_FORGET_OLD, {"organisation": organisation, "before": now - rules.KEPT})
