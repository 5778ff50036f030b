"""A message as a mailbox gets it, read with limits: whoever wrote it is a stranger."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

MOST_BYTES: Final = 2 * 1024 * 1024
_MOST_PARTS: Final = 200
_MOST_TEXT: Final = 512 * 1024
_MOST_LINKS: Final = 2000
_LINK: Final = re.compile(r"https?://[^\s<>\"')\]]{1,2000}")
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])"
)
_SMALL: Final = re.compile(r"\s*[01](?:px)?\s*")
_SMALL_STYLE: Final = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$)")


class UnreadableLetter(ValueError):
    """This is no message, or one that no mailbox would take apart."""


@dataclass(frozen=True)
class Image:
    """A picture that the mailbox fetches from elsewhere."""

    address: str
    # So small, or so hidden, that nobody is meant to see it.
    unseen: bool


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What of a message the rules look at."""

    unsubscribe: tuple[str, ...] = ()
    post: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    # Links that a person can see, by the sort of text they stand in.
    text_links: tuple[str, ...] = ()
    page_links: tuple[str, ...] = ()
    has_text: bool = False
    has_page: bool = False
    images: tuple[Image, ...] = ()


def read_letter(raw: bytes) -> Letter:
    """Read a message; raises `UnreadableLetter`."""
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        bodies = list(_bodies(message))
    except (MessageError, RecursionError, LookupError, ValueError, AttributeError) as error:
        raise UnreadableLetter("the message cannot be read") from error
    if not message.keys():
        raise UnreadableLetter("this is no message: it has no header")
    texts = [text for kind, text in bodies if kind == "text/plain"]
    pages = [_page(text) for kind, text in bodies if kind == "text/html"]
    return Letter(
        unsubscribe=_fields(message, "List-Unsubscribe"),
        post=_fields(message, "List-Unsubscribe-Post"),
        signatures=_fields(message, "DKIM-Signature"),
        senders=_addresses(message, "From"),
        recipients=_addresses(message, "To"),
        text_links=tuple(link for text in texts for link in _links(text)),
        page_links=tuple(link for page in pages for link in page.links),
        has_text=bool(texts),
        has_page=bool(pages),
        images=tuple(image for page in pages for image in page.images),
    )


def _bodies(message: Message) -> Iterator[tuple[str, str]]:
    for count, part in enumerate(message.walk()):
        if count >= _MOST_PARTS:
            raise UnreadableLetter("the message has too many parts")
        kind = part.get_content_type()
        attached = part.get_content_disposition() == "attachment"
        if kind in {"text/plain", "text/html"} and not attached:
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                yield kind, _decoded(raw[:_MOST_TEXT], part.get_content_charset() or "utf-8")


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset, "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _fields(message: Message, name: str) -> tuple[str, ...]:
    # Folded over several lines, it is still one value (RFC 5322, 2.2.3).
    return tuple(" ".join(str(each).split()) for each in message.get_all(name, []))


def _addresses(message: Message, name: str) -> tuple[str, ...]:
    told = [str(each)[:_MOST_TEXT] for each in message.get_all(name, [])]
    return tuple(address for _, address in getaddresses(told) if "@" in address)


def _links(text: str) -> list[str]:
    return [found.rstrip(".,;:!?") for found in _LINK.findall(text)[:_MOST_LINKS]]


@dataclass
class _Page:
    links: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


def _page(text: str) -> _Page:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """Finds the links somebody can see and press, and the pictures fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = _Page()
        self._open: tuple[str, bool] | None = None
        self._seen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._end()
            self._open = (told.get("href", "").strip(), _is_hidden(told))
            self._seen = False
        elif tag == "img":
            self._picture(told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end()

    def handle_data(self, data: str) -> None:
        self._seen = self._seen or bool(data.strip())

    def close(self) -> None:
        super().close()
        self._end()

    def _picture(self, told: dict[str, str]) -> None:
        # A picture with a text of its own is something to press.
        self._seen = self._seen or bool(told.get("alt", "").strip())
        address = told.get("src", "").strip()
        if address.lower().startswith(("http://", "https://", "//")):
            small = any(_SMALL.fullmatch(told.get(name, "")) for name in ("width", "height"))
            style = told.get("style", "").lower()
            unseen = small or bool(_SMALL_STYLE.search(style)) or _is_hidden(told)
            if len(self.page.images) < _MOST_LINKS:
                self.page.images.append(Image(address, unseen))

    def _end(self) -> None:
        if self._open is not None:
            address, hidden = self._open
            if self._seen and not hidden and len(self.page.links) < _MOST_LINKS:
                self.page.links.append(address)
        self._open = None


def _is_hidden(told: dict[str, str]) -> bool:
    return "hidden" in told or bool(_HIDDEN.search(told.get("style", "").lower()))
