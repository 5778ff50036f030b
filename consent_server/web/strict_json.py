"""One strict reader of JSON bodies, so that no two readers can disagree on a decision.

A plain parser takes `{"consent":false,"consent":true}` for true, and stores on one
engine what the other refuses (security.md §1, fact 3). Whatever is doubtful is refused
here, before anything else looks at it.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from ..problems import UnreadableBody

DEPTH: Final = 32
LARGEST: Final = 2**53 - 1  # the largest integer that every JSON reader reads alike

# A string, closed or not, is one token: otherwise a body of quotes costs quadratic time.
_TOKENS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def parse(raw: bytes) -> dict[str, Any]:
    """Read one JSON object; raises `UnreadableBody` for anything that could mislead."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableBody("the body is not UTF-8") from None
    if text.count("{") + text.count("[") > DEPTH:
        _refuse_depth(text)
    value = _decode(text)
    if not isinstance(value, dict):
        raise UnreadableBody("the body must be one JSON object")
    # Only an escape can bring in what UTF-8 and JSON forbid when written plainly.
    if "\\u" in text:
        _refuse_bad_text(value)
    return value


def _decode(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise UnreadableBody(
            f"{error.msg} at line {error.lineno}, column {error.colno}"
        ) from None


def _refuse_depth(text: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > DEPTH:
                raise UnreadableBody(f"the body is nested deeper than {DEPTH} levels")
        elif first in "]}":
            depth -= 1


def _refuse_bad_text(value: object) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise UnreadableBody("a text contains the character U+0000")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UnreadableBody("a text contains half of a surrogate pair") from None
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_bad_text(name)
            _refuse_bad_text(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_bad_text(item)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableBody("a name is given twice in one object")
    return found


def _refuse_constant(_word: str) -> NoReturn:
    raise UnreadableBody("NaN and Infinity are not JSON")


def _whole(digits: str) -> int:
    # Read only what is short: Python refuses, slowly, to read thousands of digits.
    number = int(digits) if len(digits) < 20 else LARGEST + 1
    if not -LARGEST <= number <= LARGEST:
        raise UnreadableBody("an integer is beyond 2^53 - 1")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise UnreadableBody("a number is too large")
    return number


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_refuse_constant,
    parse_int=_whole,
    parse_float=_finite,
)
