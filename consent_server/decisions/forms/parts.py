"""What both forms of others say of a receipt, each in its own words."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..receipt import Answer, Receipt

# What is known of whom, by how a purpose reaches people; the form's own name for it.
_BY_PHONE: Final = frozenset({"sms", "mms", "fax", "automated_call", "phone"})


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A receipt, where it stands, and the key under which it names things."""

    receipt: Receipt
    base_url: str
    key: bytes

    @property
    def url(self) -> str:
        """Where this receipt stands, as long as its decision does."""
        return f"{self.base_url}/v1/receipts/{self.receipt.name}"

    @property
    def language(self) -> str:
        """The language of the words that were shown, else the organisation's own."""
        own = str(self.receipt.organisation.get("default_language") or "en")
        return self.receipt.language or own

    @property
    def country(self) -> str:
        """The country whose law applies to the organisation."""
        return str(self.receipt.organisation.get("country") or "")

    @property
    def policy(self) -> str:
        """The organisation's privacy page; else the words that were shown; else this page."""
        return self.text(self.receipt.organisation.get("privacy_url")) or self.notice

    @property
    def notice(self) -> str:
        """The words that were shown; a no to none has this page."""
        return self.receipt.notice_url or self.url

    @property
    def contact(self) -> Mapping[str, Any]:
        """Whom to write to: whoever protects the data, else anybody."""
        own = self.receipt.organisation
        return {**(own.get("contact") or {}), **_told(own.get("dpo"))}

    @property
    def change_at(self) -> str:
        """Where she takes her answer back: the site, else this page, which says how."""
        return (self.receipt.site or {}).get("origin") or self.url

    @property
    def body(self) -> Mapping[str, Any]:
        """The words that were shown and all that stood with them; empty if there were none."""
        return self.receipt.version.body if self.receipt.version else {}

    def uuid(self, what: str) -> str:
        """Name a part of this receipt: a UUID (version 4) that nobody else can work out.

        Two receipts of one person share none: who holds both learns nothing from it.
        """
        raw = hmac.digest(self.key, f"{what}|{self.receipt.name}".encode(), "sha256")[:16]
        return str(UUID(bytes=raw, version=4))

    def text(self, texts: Mapping[str, str] | str | None) -> str:
        """Choose a text in the receipt's language, else the organisation's, else any."""
        if texts is None or isinstance(texts, str):
            return texts or ""
        own = str(self.receipt.organisation.get("default_language"))
        for language in (self.language, own, *sorted(texts)):
            if texts.get(language):
                return texts[language]
        return ""

    def address(self) -> Mapping[str, str]:
        """Give the organisation's postal address, its country at least."""
        told = {"country": self.country, **_told(self.receipt.organisation.get("address"))}
        return {name: str(value) for name, value in told.items()}

    def receivers(self, answer: Answer) -> Iterator[Mapping[str, Any]]:
        """Give whoever gets data for a purpose: those the notice names, and its trackers'."""
        named = set(answer.item.get("recipients") or ())
        for each in self.body.get("recipients", ()):
            if each["slug"] in named:
                yield {**each, "name": self.text(each["name"])}
        serving = set(answer.item.get("trackers") or ())
        for each in self.body.get("trackers", ()):
            if each["slug"] in serving:
                yield {**each, "name": each["provider"], "role": "third_party"}


def means(answer: Answer) -> str:
    """Tell what of a person a purpose uses: email, phone, post, device or person."""
    channel = answer.item.get("channel")
    if answer.item.get("kind") == "tracker":
        return "device"
    if channel in _BY_PHONE:
        return "phone"
    return str(channel) if channel in {"email", "post"} else "person"


def _told(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (values or {}).items() if value}
