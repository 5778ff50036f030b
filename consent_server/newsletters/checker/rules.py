"""What a message lacks, from what was read of it and what we know of its link. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .letter import Letter

ONE_CLICK: Final = "List-Unsubscribe=One-Click"
ERROR: Final = "error"
WARNING: Final = "warning"
# What keeps a message from being fit to send; the rest would only be better otherwise.
_WARNINGS: Final = frozenset(
    {
        "link_not_ours",
        "not_in_every_part",
        "dkim_not_aligned",
        "dkim_part_of_body",
        "our_pixel",
        "our_redirect",
        "several_recipients",
        "address_in_link",
    }
)
_URI: Final = re.compile(r"<([^<>]{1,2000})>")
_TAG: Final = re.compile(r"(?:^|;)\s*(\w{1,20})\s*=\s*([^;]*)")
_TOKEN: Final = re.compile(r"/u/([A-Za-z0-9_.\-]{22,200})$")
_NAMES: Final = ("List-Unsubscribe", "List-Unsubscribe-Post")
# A signature must cover both (UNS-9), or anybody could have added them.
COVERED: Final = frozenset(name.lower() for name in _NAMES)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, by its word; `where` is a header or a part."""

    code: str
    where: str = ""

    @property
    def severity(self) -> str:
        """Tell whether it keeps the message from being sent."""
        return WARNING if self.code in _WARNINGS else ERROR


@dataclass(frozen=True, kw_only=True)
class Known:
    """What we know that the message does not say."""

    base_url: str
    # The token leads to a link of this organisation; None if the message has no link of ours.
    link: bool | None = None
    # Made for the address it is sent to.
    for_recipient: bool = True
    # May the recipient be written to for what the link leaves; None where nobody can tell.
    allowed: bool | None = None
    open_tracking: bool = False
    click_tracking: bool = False


def token_in(letter: Letter, base_url: str) -> str | None:
    """Find the token of our own link in the header; None if there is none."""
    for address in _addresses(letter):
        found = _TOKEN.search(urlsplit(address).path)
        if found and address.startswith(f"{base_url}/u/"):
            return found[1]
    return None


def judge(letter: Letter, known: Known) -> list[Finding]:
    """Find everything that is wrong with a message, the headers first."""
    return [
        *_headers(letter),
        *_link(letter, known),
        *_signature(letter),
        *_body(letter, known),
        *_tracking(letter, known),
        *_people(letter, known),
    ]


def _addresses(letter: Letter) -> list[str]:
    return [found for value in letter.unsubscribe for found in _URI.findall(value)]


def _headers(letter: Letter) -> Iterator[Finding]:
    header, post = "List-Unsubscribe", "List-Unsubscribe-Post"
    if not letter.unsubscribe:
        yield Finding("no_header", header)
    elif len(letter.unsubscribe) > 1:
        yield Finding("several_headers", header)
    else:
        kinds = {urlsplit(each).scheme.lower() for each in _addresses(letter)}
        if not kinds:
            yield Finding("no_address", header)
        elif "https" not in kinds:
            yield Finding("not_https" if "http" in kinds else "only_mailto", header)
    if not letter.post:
        yield Finding("no_post_header", post)
    elif len(letter.post) > 1:
        yield Finding("several_headers", post)
    elif letter.post[0] != ONE_CLICK:
        yield Finding("wrong_post_value", post)


def _link(letter: Letter, known: Known) -> Iterator[Finding]:
    if known.link is None:
        if any(urlsplit(each).scheme.lower() == "https" for each in _addresses(letter)):
            yield Finding("link_not_ours", "List-Unsubscribe")
    elif not known.link:
        yield Finding("unknown_link", "List-Unsubscribe")
    elif not known.for_recipient:
        yield Finding("link_of_somebody_else", "List-Unsubscribe")


def _signature(letter: Letter) -> Iterator[Finding]:
    if not letter.signatures:
        yield Finding("no_dkim", "DKIM-Signature")
        return
    tags = [dict(_TAG.findall(each)) for each in letter.signatures]
    covering = [
        each
        for each in tags
        if {name.strip().lower() for name in each.get("h", "").split(":")} >= COVERED
    ]
    if not covering:
        yield Finding("dkim_leaves_out", _left_out(tags))
    domains = {address.rpartition("@")[2].lower() for address in letter.senders}
    if domains and not any(_aligned(each.get("d", ""), domains) for each in tags):
        yield Finding("dkim_not_aligned", "DKIM-Signature")


def _left_out(tags: list[dict[str, str]]) -> str:
    """Name the headers that the signature which covers most of them leaves out."""
    signed = [{name.strip().lower() for name in each.get("h", "").split(":")} for each in tags]
    missing = min((COVERED - each for each in signed), key=len)
    return ", ".join(name for name in _NAMES if name.lower() in missing)


def _aligned(signing: str, domains: set[str]) -> bool:
    name = signing.strip().lower()
    return bool(name) and any(
        each == name or each.endswith(f".{name}") or name.endswith(f".{each}")
        for each in domains
    )


def _body(letter: Letter, known: Known) -> Iterator[Finding]:
    shown = {
        "text/plain": (letter.has_text, letter.text_links),
        "text/html": (letter.has_page, letter.page_links),
    }
    there = {
        kind: _leads_out(links, letter, known) for kind, (has, links) in shown.items() if has
    }
    if not any(there.values()):
        yield Finding("no_visible_link", "body")
        return
    for kind, found in there.items():
        if not found:
            yield Finding("not_in_every_part", kind)


def _leads_out(links: tuple[str, ...], letter: Letter, known: Known) -> bool:
    own = (f"{known.base_url}/u/", f"{known.base_url}/p/")
    named = set(_addresses(letter))
    return any(each in named or each.startswith(own) for each in links)


def _tracking(letter: Letter, known: Known) -> Iterator[Finding]:
    ours = f"{known.base_url}/o/"
    if not known.open_tracking:
        if any(each.unseen and not each.address.startswith(ours) for each in letter.images):
            yield Finding("tracking_pixel", "text/html")
        elif any(each.address.startswith(ours) for each in letter.images):
            yield Finding("our_pixel", "text/html")
    redirects = f"{known.base_url}/c/"
    every = (*letter.text_links, *letter.page_links)
    if not known.click_tracking and any(each.startswith(redirects) for each in every):
        yield Finding("our_redirect", "body")


def _people(letter: Letter, known: Known) -> Iterator[Finding]:
    if not letter.recipients:
        yield Finding("no_recipient", "To")
    elif len(letter.recipients) > 1:
        yield Finding("several_recipients", "To")
    if known.allowed is False:
        yield Finding("not_allowed", "To")
    links = [unquote(each).lower() for each in (*letter.text_links, *letter.page_links)]
    told = [each.lower() for each in letter.recipients]
    if any(address in link for link in links for address in told):
        yield Finding("address_in_link", "body")
