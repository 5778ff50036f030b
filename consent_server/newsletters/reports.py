"""Reading what mail servers report: dead addresses (RFC 3464), complaints (RFC 5965).

What comes in was written by strangers: it is read as bytes with limits, whatever cannot be
read is left out, and nothing of it is told to anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

BOUNCED: Final = "bounced"
COMPLAINED: Final = "complained"
OTHER: Final = "other"
MOST_BYTES: Final = 1024 * 1024
# Beyond this it is no report of one message.
MOST_RECIPIENTS: Final = 1000
_MOST_PARTS: Final = 200

_STATUS: Final = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
# Permanent, but said of the message or of its sender, not of the mailbox: full, too large,
# not liked, not allowed. The next message may arrive.
_NOT_THE_MAILBOX: Final = re.compile(r"5\.(2\.[23]|3\.4|6\.\d+|7\.\d+)")
_ADDRESS: Final = re.compile(r"<?([^\s<>,;\"]{1,256}@[^\s<>,;\"]{1,255})>?")
# Of a complaint, what says that it is none.
_NO_COMPLAINT: Final = frozenset({"not-spam", "auth-failure", "dmarc", "virus"})
_LINK: Final = re.compile(r"<(https?://[^>\s]{1,500})>")
_TOKEN: Final = re.compile(r"/u/([A-Za-z0-9_.\-]{22,200})$")


class UnreadableReport(ValueError):
    """This is no message that reports anything."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a report says: of whom, or by which link of ours, and how many it is not about."""

    kind: str
    addresses: tuple[str, ...] = ()
    # Of a message whose one recipient is gone: it may be one of ours.
    message_ids: tuple[str, ...] = ()
    # The tokens of our unsubscribe links in the message that is complained of.
    tokens: tuple[str, ...] = ()
    # Recipients named to whom nothing final happened.
    passed_over: int = 0


def read_report(raw: bytes) -> Report:
    """Read a message, or its `multipart/report` alone; raises `UnreadableReport`."""
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        parts = list(_parts(message))
    except (MessageError, RecursionError, LookupError, ValueError, AttributeError) as error:
        raise UnreadableReport("the message cannot be read") from error
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            return _bounce(part, parts)
        if part.get_content_type() == "message/feedback-report":
            return _complaint(part, parts)
    if not message.keys():
        raise UnreadableReport("this is no message")
    return Report(kind=OTHER)


def _parts(message: Message) -> Iterator[Message]:
    for count, part in enumerate(message.walk()):
        if count >= _MOST_PARTS:
            raise UnreadableReport("the message has too many parts")
        yield part


# --------------------------------------------------------------------------- bounces


def _bounce(part: Message, parts: list[Message]) -> Report:
    blocks = [block for block in _blocks(part) if _field(block, "Status")]
    gone: list[str] = []
    passed_over = 0
    for block in blocks[:MOST_RECIPIENTS]:
        # Who it was sent to, where the server says so: the final one may be an address it
        # was forwarded to, which we never wrote to.
        told = _address(block, "Original-Recipient") or _address(block, "Final-Recipient")
        if told and _is_final(block):
            gone.append(told)
        else:
            passed_over += 1
    original = _original(part, parts) if len(gone) == 1 and not passed_over else None
    name = _field(original, "Message-ID").strip() if original is not None else ""
    return Report(
        kind=BOUNCED,
        addresses=_once(gone),
        message_ids=(name,) if name else (),
        passed_over=passed_over,
    )


def _is_final(block: Message) -> bool:
    status = _STATUS.match(_field(block, "Status"))
    if status is None or status[1] != "5":
        return False
    if _field(block, "Action").strip().lower() not in {"failed", ""}:
        return False
    return not _NOT_THE_MAILBOX.fullmatch(".".join(status.groups()))


def _blocks(part: Message) -> list[Message]:
    # The library reads the fields of each recipient as the headers of a message of its own.
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    return [each for each in payload if isinstance(each, Message)]


# ------------------------------------------------------------------------ complaints


def _complaint(part: Message, parts: list[Message]) -> Report:
    fields = next(iter(_blocks(part)), part)
    kind = _field(fields, "Feedback-Type").strip().lower()
    if kind in _NO_COMPLAINT:
        return Report(kind=OTHER, passed_over=1)
    named = [
        address
        for name in ("Original-Rcpt-To", "Removal-Recipient")
        for text in fields.get_all(name, [])
        if (address := _first(str(text)))
    ]
    original = _original(part, parts)
    tokens = _tokens(original) if original is not None else []
    if not named and not tokens and original is not None:
        # Nobody else is named: then it is whom the message itself was written to.
        to = _first(_field(original, "To"))
        named = [to] if to else []
    return Report(
        kind=COMPLAINED,
        addresses=_once(named[:MOST_RECIPIENTS]),
        tokens=_once(tokens),
        passed_over=0 if named or tokens else 1,
    )


def _original(part: Message, parts: list[Message]) -> Message | None:
    inside = {id(each) for each in part.walk()}
    for each in parts:
        if id(each) in inside:
            continue
        if each.get_content_type() == "message/rfc822":
            return next(iter(_blocks(each)), None)
        if each.get_content_type() == "text/rfc822-headers":
            text = each.get_payload(decode=True)
            return message_from_bytes(text) if isinstance(text, bytes) else None
    return None


def _tokens(original: Message) -> list[str]:
    links = _LINK.findall(_field(original, "List-Unsubscribe"))
    return [found[1] for link in links if (found := _TOKEN.search(link))]


# ---------------------------------------------------------------------------- fields


def _field(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else str(value)


def _address(block: Message, name: str) -> str | None:
    kind, _, text = _field(block, name).partition(";")
    if kind.strip().lower() not in {"rfc822", "utf-8"}:
        return None
    return _first(text)


def _first(text: str) -> str | None:
    found = _ADDRESS.search(text)
    return found[1] if found else None


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
