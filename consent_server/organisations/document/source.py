"""One tree of what an organisation wrote, which remembers where each value stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import DocumentError, DocumentInvalid

MAX_CHARACTERS = 512 * 1024
MAX_DEPTH = 12

Plain = str | bool | int | float | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a plain value, a list of nodes, or named nodes."""

    value: Plain | list[Node] | dict[str, Node]
    pointer: str
    line: int | None

    def child(self, name: str) -> Node | None:
        """Find the node under this name, if this is a mapping that has it."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def children(self, name: str) -> list[Node]:
        """List the items under this name; nothing if there is no such list."""
        found = self.child(name)
        return found.value if found is not None and isinstance(found.value, list) else []

    def text(self, name: str) -> str | None:
        """Find the text under this name, if it is one."""
        found = self.child(name)
        return found.value if found is not None and isinstance(found.value, str) else None


def pointer_to(parent: str, token: str | int) -> str:
    """Write the JSON pointer (RFC 6901) of a member."""
    return f"{parent}/{str(token).replace('~', '~0').replace('/', '~1')}"


def tree_from_json(value: object) -> Node:
    """Build the tree of a value already decoded from JSON, placed by pointer."""
    return _json_node(value, "", 0)


def _json_node(value: object, pointer: str, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise DocumentInvalid([DocumentError(None, pointer, "values are nested too deeply")])
    if isinstance(value, Mapping):
        members = {
            str(name): _json_node(item, pointer_to(pointer, str(name)), depth + 1)
            for name, item in value.items()
        }
        return Node(members, pointer, None)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        items = [
            _json_node(item, pointer_to(pointer, index), depth + 1)
            for index, item in enumerate(value)
        ]
        return Node(items, pointer, None)
    if value is None or isinstance(value, str | bool | int | float):
        return Node(value, pointer, None)
    raise TypeError(f"JSON holds no {type(value).__name__}")
