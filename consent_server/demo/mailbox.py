"""The demonstration's letter box: the messages that became files, as a reader sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_MOST: Final = 50
_LINK: Final = re.compile(r"(https?://\S+)")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message: who, to whom, what; each piece of its text is a link or is none."""

    sender: str
    to: str
    subject: str
    date: str
    pieces: tuple[str, ...]


def letters(folder: Path) -> list[Letter]:
    """Read the latest messages of a folder, newest first; none if there is no folder yet."""
    paths = sorted(folder.glob("*.eml"), reverse=True)[:_MOST]
    return [_read(path) for path in paths]


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    return Letter(
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        pieces=tuple(_LINK.split(text)),
    )
