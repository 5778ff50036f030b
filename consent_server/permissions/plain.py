"""The plain question, read in one look: one identifier, one purpose, in plain letters."""

from __future__ import annotations

import re
from typing import Any, Final

from marshmallow import ValidationError

from .schemas import KINDS, AskedSubject, QuestionIn

# Letters that stand for themselves: no escape, nothing to decode.
_TEXT: Final = r'"([\x20!#-\[\]-~]*)"'
_FORM: Final = (
    r' \{ "subject" : \{ "(KIND)" : TEXT \} , "purpose" : TEXT (?:, "channel" : TEXT )?\} '
)
_PLAIN: Final = re.compile(
    _FORM.replace("KIND", "|".join(KINDS))
    .replace("TEXT", _TEXT)
    .replace(" ", r"[\x20\t\n\r]*")
    .encode()
)
_FIELDS: Final = {**AskedSubject().load_fields, **QuestionIn().load_fields}


def read_plain(raw: bytes) -> dict[str, Any] | None:
    """Read the body of a plain question; None for any other, good or bad.

    Each text is read by its field of the schema: what passes here is what the strict reader
    and the schema would have made of it.
    """
    found = _PLAIN.fullmatch(raw)
    if found is None:
        return None
    kind, text, *rest = [part.decode() for part in found.groups() if part is not None]
    question = dict(zip(("purpose", "channel"), rest, strict=False))
    try:
        for name, given in ((kind, text), *question.items()):
            _FIELDS[name]._deserialize(given, name, None)
    except ValidationError:
        return None
    return {"subject": {kind: text}, **question}
