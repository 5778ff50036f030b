"""A step of the past: who did what, when, through which door."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Way(StrEnum):
    """How a step enters the server: each is a door that anybody else uses too."""

    ORGANISATION = "organisation"
    BANNER = "banner"
    SUBJECT = "subject"
    DECISION = "decision"
    LINK = "link"
    UNSUBSCRIBE = "unsubscribe"
    SIGN_UP = "sign_up"
    CONFIRM = "confirm"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened to one organisation."""

    at: datetime
    organisation: str
    way: Way
    # The same for the same seed: it is the request's own id, so a repeat changes nothing.
    name: str
    body: Mapping[str, Any]
    # The notice whose version in force at that moment was answered.
    notice: str | None = None


def name_of(*parts: object) -> str:
    """Make the name of a step, a visitor … : 22 URL-safe letters out of what it is."""
    text = "|".join(map(str, parts)).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()[:16]).rstrip(b"=").decode()
