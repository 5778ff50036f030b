"""Whose mail it is: as the organisation declares itself, for people to recognise it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..organisations import declared
from ..web import current
from .catalogue import WORDS
from .own_words import own_words
from .render import Foot, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..db import Transaction


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes: the name and address that people see, and what stands below."""

    name: str
    address: str
    reply_to: str | None
    language: str
    organisation: str
    legal_name: str
    postal_address: str
    privacy_urls: Mapping[str, str] = field(default_factory=dict)
    # Its own words: template, then language, then `subject`, `text` or `button`.
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def foot(self, language: str) -> list[Foot]:
        """Give the lines below every message."""
        words = WORDS.get(language, WORDS["en"])
        lines = []
        if self.postal_address:
            sent = words["foot_sender"].format(
                legal_name=self.legal_name, postal_address=self.postal_address
            )
            lines.append(Foot(text=one_line(sent)))
        link = self.privacy_urls.get(language) or self.privacy_urls.get(self.language)
        if link:
            told = words["foot_privacy"].format(organisation=self.organisation)
            lines.append(Foot(text=one_line(told), link=link))
        return lines


def mail_host() -> str:
    """Give the host whose name stands in our Message-IDs."""
    return urlsplit(current.settings().base_url).hostname or "localhost"


def sender_of(tx: Transaction, organisation: int) -> Sender:
    """Give the sender in force; an organisation that names none writes as this server."""
    found = declared(tx, organisation)
    body: Mapping[str, Any] = found.body if found else {}
    own: Mapping[str, Any] = body.get("organisation") or {}
    told: Mapping[str, Any] = own.get("sender") or {}
    name = str(own.get("name") or mail_host())
    place: Mapping[str, Any] = own.get("address") or {}
    return Sender(
        name=str(told.get("name") or name),
        address=str(told.get("email") or f"no-reply@{mail_host()}"),
        reply_to=told.get("reply_to"),
        language=str(own.get("default_language") or "en"),
        organisation=name,
        legal_name=str(own.get("legal_name") or name),
        postal_address=_written(place),
        privacy_urls=own.get("privacy_url") or {},
        words=own_words(told),
    )


def _written(place: Mapping[str, Any]) -> str:
    town = " ".join(str(place[part]) for part in ("postcode", "city") if place.get(part))
    return ", ".join(each for each in (str(place.get("street") or ""), town) if each)
