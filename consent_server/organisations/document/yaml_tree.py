"""Turns YAML into one tree that remembers where each value was written.

The tree is built from YAML events and never from constructed objects: nothing in a file can
name a Python type, anchors cannot multiply, and both places of a duplicate key are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .errors import DocumentError, DocumentInvalid
from .source import MAX_CHARACTERS, MAX_DEPTH, Node, Plain, pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator


def tree_from_yaml(text: str) -> tuple[Node, list[DocumentError]]:
    """Build the tree of a YAML text, with the mistakes of its writing."""
    if len(text) > MAX_CHARACTERS:
        raise _unreadable(1, f"the file is too long; {MAX_CHARACTERS:,} characters at most")
    try:
        return _YamlTree(YAML(typ="safe", pure=True).parse(text)).build()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or error.context or "not readable"
        raise _unreadable(line, f"this is not readable YAML: {problem}") from error
    except YAMLError as error:
        raise _unreadable(1, "this is not readable YAML: a character is not allowed") from error


def _unreadable(line: int, detail: str, pointer: str = "") -> DocumentInvalid:
    return DocumentInvalid([DocumentError(line, pointer, detail)])


class _YamlTree:
    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._mistakes: list[DocumentError] = []

    def build(self) -> tuple[Node, list[DocumentError]]:
        next(self._events)  # the stream starts
        start = next(self._events)
        if type(start).__name__ == "StreamEndEvent":
            raise _unreadable(1, "the file is empty; it should start with format: …")
        root = self._value(next(self._events), "", 0)
        next(self._events)  # the document ends
        after = next(self._events)
        if type(after).__name__ != "StreamEndEvent":
            line = after.start_mark.line + 1
            raise _unreadable(line, "a second document begins here; a file holds one")
        return root, self._mistakes

    def _value(self, event: Event, pointer: str, depth: int, line: int | None = None) -> Node:
        here = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise _unreadable(here, "values are nested too deeply", pointer)
        match event:
            case AliasEvent():
                raise _unreadable(here, "aliases (*name) are not used here; repeat the value")
            case ScalarEvent():
                value: Plain | list[Node] | dict[str, Node] = self._scalar(event, pointer)
            case SequenceStartEvent():
                value = self._items(pointer, depth)
            case MappingStartEvent():
                value = self._members(pointer, depth)
            case _:
                raise _unreadable(here, "this is not readable YAML", pointer)
        return Node(value, pointer, line or here)

    def _items(self, pointer: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(event, pointer_to(pointer, len(items)), depth + 1))
        return items

    def _members(self, pointer: str, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, ScalarEvent):
                raise _unreadable(line, "a name should stand here, before the colon", pointer)
            name = str(event.value)
            place = pointer_to(pointer, name)
            node = self._value(next(self._events), place, depth + 1, line)
            if name in members:
                detail = f"`{name}` is already given at line {members[name].line}; keep one"
                self._mistakes.append(DocumentError(line, place, detail))
            members.setdefault(name, node)
        return members

    def _scalar(self, event: ScalarEvent, pointer: str) -> Plain:
        if event.tag is not None:
            detail = f"`{event.tag}`: type tags are not used here; write the value alone"
            self._mistakes.append(DocumentError(event.start_mark.line + 1, pointer, detail))
        text = str(event.value)
        return _plain(text) if event.implicit[0] and not event.style else text


def _plain(text: str) -> Plain:
    # YAML 1.2's core schema, so that the country code NO stays a text. No field of this
    # format is a number: 01000 is a postcode and keeps its zero.
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    return text
