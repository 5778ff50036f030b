"""An organisation's own words for our messages: read from its file, refused if unfit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..problems import FieldError, Unprocessable
from .catalogue import PARTS, TEMPLATES
from .render import UnfitWords, check_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLACE = "/organisation/sender/messages"


def own_words(sender: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """Sort an organisation's words by template, language and part."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for message in sender.get("messages") or ():
        languages = found.setdefault(message["template"], {})
        for part in PARTS:
            for language, text in (message.get(part) or {}).items():
                languages.setdefault(language, {})[part] = text
    return found


def refuse_unfit_words(document: Mapping[str, Any]) -> None:
    """Refuse words that could not be a message; raises `Unprocessable` naming each place."""
    sender = document["organisation"].get("sender") or {}
    faults = list(_faults(sender.get("messages") or ()))
    if faults:
        raise Unprocessable("these words cannot be a message", errors=faults)


def _faults(messages: Any) -> Iterator[FieldError]:
    seen: set[str] = set()
    for place, message in enumerate(messages):
        template = TEMPLATES.get(message["template"])
        if template is None or message["template"] in seen:
            known = ", ".join(sorted(TEMPLATES))
            fault = "named twice" if template else f"no such message; there are {known}"
            yield FieldError(f"{_PLACE}/{place}/template", fault)
            continue
        seen.add(template.name)
        for part in PARTS:
            for language, text in (message.get(part) or {}).items():
                try:
                    check_words(template, part, text)
                except UnfitWords as error:
                    yield FieldError(f"{_PLACE}/{place}/{part}/{language}", str(error))
