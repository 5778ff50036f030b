"""A message as bytes: headers of our own making, two parts, nothing that tracks."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import TYPE_CHECKING, Final

from ..ids import parse, public
from .render import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from .render import Rendered
    from .sender import Sender

PREFIX: Final = "mai"
# What parts one address from the next, or hides one inside quotes.
_TWO: Final = re.compile(r"""[\s"<>,;:()\[\]\\]|@.*@""")


class UnfitAddress(ValueError):
    """No message can be written to, or from, this address."""


def message_id(number: int, host: str) -> str:
    """Name a message as its headers do; reports of mail servers quote it."""
    return f"<{public(PREFIX, number)}@{host}>"


def number_of(text: str) -> int | None:
    """Read back which message of ours a Message-ID names; None for those of others."""
    return parse(PREFIX, text.strip().lstrip("<").partition("@")[0])


def compose(
    rendered: Rendered,
    sender: Sender,
    *,
    to: str,
    name: str,
    unsubscribe: str | None,
    now: datetime,
) -> bytes:
    """Write a message to one address; raises `UnfitAddress`."""
    # Whoever writes letters outside ASCII before the @ is served by servers that take them.
    policy = SMTP if to.isascii() and sender.address.isascii() else SMTPUTF8
    message = EmailMessage(policy=policy.clone(cte_type="7bit"))
    message["From"] = _address(sender.address, sender.name)
    message["To"] = _address(to)
    if sender.reply_to:
        message["Reply-To"] = _address(sender.reply_to)
    message["Subject"] = _header(rendered.subject)
    message["Date"] = now
    message["Message-ID"] = name
    # Nobody's absence is announced to a machine (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    # Last: the library moves what describes a content into the first part.
    message["Content-Language"] = rendered.language
    return message.as_bytes()


def _address(text: str, name: str = "") -> Address:
    local, _, domain = text.rpartition("@")
    if not local or not domain or _TWO.search(text) or not text.isprintable():
        raise UnfitAddress("this is no address to write to")
    try:
        return Address(_header(name), username=local, domain=domain.encode("idna").decode())
    except (ValueError, IndexError, UnicodeError) as error:
        raise UnfitAddress("this is no address to write to") from error


def _header(text: str) -> str:
    # What looks like an encoded word would be read as one: whatever it hides comes out.
    return one_line(text).replace("=?", "= ?")
