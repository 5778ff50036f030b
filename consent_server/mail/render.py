"""From a template and its values to a subject, a text and a page of HTML.

Placeholders are names and nothing else: whatever is typed, by the organisation or by a
stranger, is text, and is escaped in the HTML part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from .catalogue import COMMON, PARTS, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .catalogue import Template

_PLACE: Final = re.compile(r"\{([a-z_]{1,40})\}")
_BRACE: Final = re.compile(r"[{}]")
# Line ends of every alphabet, controls, and what turns the direction of reading round.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
)
_LONGEST_VALUE: Final = 1000
_jinja: Final = Environment(
    loader=PackageLoader(__package__ or "", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


class UnfitWords(ValueError):
    """These words cannot be a message; the text says what would be right."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph, a list, or a button."""

    text: str = ""
    items: tuple[str, ...] = ()
    link: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Foot:
    """A line below, with its address."""

    text: str
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A message in words."""

    language: str
    subject: str
    text: str
    html: str


def words_of(
    template: Template, language: str, home: str, own: Mapping[str, Mapping[str, str]]
) -> tuple[str, dict[str, str]]:
    """Choose the nearest language that has words for a template; the organisation's own first.

    `own` are its words by language, under `subject`, `text` or `button`.
    """
    for tongue in (language, home, "en"):
        built_in = {
            part: WORDS.get(tongue, {}).get(f"{template.name}_{part}") for part in PARTS
        }
        mine = own.get(tongue, {})
        found = {part: mine.get(part) or built_in[part] or "" for part in PARTS}
        if found["subject"] and found["text"]:
            return tongue, found
    raise UnfitWords("there are no words for this message")


def check_words(template: Template, part: str, text: str) -> None:
    """Refuse words that name an unknown value, or leave out one that must be there."""
    named = set(_PLACE.findall(text))
    known = template.values | COMMON
    if strange := sorted(named - known):
        raise UnfitWords(f"{{{strange[0]}}} is not known here; write {_listed(known)}")
    if _BRACE.search(_PLACE.sub("", text)):
        raise UnfitWords("braces enclose the name of a value, and nothing else")
    if part == "text" and (missing := sorted(template.needed - named)):
        raise UnfitWords(f"{{{missing[0]}}} is missing: without it nobody can act")
    if part != "text" and _UNSEEN.search(text):
        raise UnfitWords("it is one line")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def render(
    words: Mapping[str, str],
    values: Mapping[str, str | Sequence[str]],
    *,
    language: str,
    foot: Sequence[Foot],
) -> Rendered:
    """Put values into words."""
    plain = {name: _plain(value) for name, value in values.items()}
    subject = _filled(words["subject"], plain)
    blocks = [
        _block(paragraph.strip(), plain, words["button"])
        for paragraph in words["text"].replace("\r\n", "\n").split("\n\n")
        if paragraph.strip()
    ]
    frame = WORDS.get(language, WORDS["en"])
    page = _jinja.get_template("mail/message.html").render(
        language=language, subject=subject, blocks=blocks, foot=foot, copy=frame["copy"]
    )
    return Rendered(language=language, subject=subject, text=_text(blocks, foot), html=page)


def _plain(value: str | Sequence[str]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return one_line(value)
    return tuple(one_line(each) for each in value)


def one_line(text: str) -> str:
    """Make a text one line that can be seen: no control, no line end, no turned direction."""
    return _UNSEEN.sub(" ", text).strip()[:_LONGEST_VALUE]


def _filled(text: str, values: Mapping[str, str | tuple[str, ...]]) -> str:
    def put(found: re.Match[str]) -> str:
        value = values[found[1]]
        return value if isinstance(value, str) else ", ".join(value)

    return one_line(_PLACE.sub(put, text))


def _block(paragraph: str, values: Mapping[str, str | tuple[str, ...]], label: str) -> Block:
    alone = _PLACE.fullmatch(paragraph)
    if alone and not isinstance(values[alone[1]], str):
        return Block(items=tuple(values[alone[1]]))
    if alone and alone[1].endswith("link"):
        return Block(link=str(values[alone[1]]), label=_filled(label, values))
    return Block(text=_filled(paragraph, values))


def _text(blocks: Sequence[Block], foot: Sequence[Foot]) -> str:
    parts = [
        "\n".join(f"- {item}" for item in block.items) or block.link or block.text
        for block in blocks
    ]
    lines = [f"{line.text} {line.link}".strip() for line in foot]
    return "\n\n".join([*parts, "-- \n" + "\n".join(lines)]) + "\n"
