"""Reads a tree into the dataclasses of the format, noting every mistake on the way.

The dataclasses are the format: their fields, types and defaults say what may stand where.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Final, TypeVar, get_args, get_origin

from .errors import DocumentError
from .hints import BY_LANGUAGE, choices, field_types, nearest, optional, stranger, wanted
from .scalars import REFERENCES, SCALARS
from .source import Node, pointer_to
from .variables import UnknownVariableError, resolve

T = TypeVar("T")


class _Unread:
    """Stands for a value whose mistake has been noted."""


UNREAD: Final = _Unread()


class Reading:
    """One passage through a tree: what it found, where, and what was wrong."""

    def __init__(self, root: Node, variables: Mapping[str, str]) -> None:
        self.root = root
        self.errors: list[DocumentError] = []
        self._variables = variables
        self._placed: list[tuple[Node, object]] = []
        self._languages = _languages(root)

    def fail(self, node: Node, detail: str, *, field: str | None = None) -> _Unread:
        """Note a mistake at a node, or at one of its fields."""
        found = node.child(field) if field else node
        place = found.pointer if found else pointer_to(node.pointer, str(field))
        line = found.line if found else node.line
        self.errors.append(DocumentError(line, place, detail))
        return UNREAD

    def placed(self, kind: type[T]) -> Iterator[tuple[Node, T]]:
        """Everything read of this kind, each with its place, in the order of the file."""
        return ((node, value) for node, value in self._placed if isinstance(value, kind))

    def read(self, kind: object, node: Node) -> object:
        """Read a node as a value of this type, or note what is wrong with it."""
        if node.value is None:
            inner = optional(kind)
            return None if inner else self.fail(node, f"it is empty; {wanted(kind)}")
        return self._given(optional(kind) or kind, node)

    def _given(self, kind: object, node: Node) -> object:
        if get_origin(kind) is tuple:
            return self._list(get_args(kind)[0], node)
        if kind in BY_LANGUAGE:
            return self._by_language(kind, node)
        if isinstance(kind, type) and is_dataclass(kind):
            return self._dataclass(kind, node)
        return self._scalar(kind, node)

    def _list(self, kind: object, node: Node) -> object:
        if not isinstance(node.value, list):
            return self.fail(node, "give a list, each item after a dash")
        items = [self.read(kind, item) for item in node.value]
        return UNREAD if UNREAD in items else tuple(items)

    def _dataclass(self, kind: type, node: Node) -> object:
        if not isinstance(node.value, dict):
            return self.fail(node, wanted(kind))
        hints = field_types(kind)
        self._refuse_unknown(kind, node, list(hints))
        values = {field.name: self._field(field, hints, node) for field in fields(kind)}
        if UNREAD in values.values():
            return UNREAD
        made = kind(**values)
        self._placed.append((node, made))
        return made

    def _field(self, field: Field[Any], hints: Mapping[str, object], node: Node) -> object:
        given = node.child(field.name)
        if given is not None:
            return self.read(hints[field.name], given)
        if field.default is not MISSING:
            return field.default
        detail = f"`{field.name}` is missing; {wanted(hints[field.name])}"
        return self.fail(node, detail, field=field.name)

    def _refuse_unknown(self, kind: type, node: Node, known: list[str]) -> None:
        members = node.value if isinstance(node.value, dict) else {}
        for name in [name for name in members if name not in known]:
            hint = stranger(kind, name, known)
            self.fail(node, f"`{name}` is not known here; {hint}", field=name)

    def _by_language(self, kind: object, node: Node) -> object:
        if not isinstance(node.value, dict):
            return self.fail(node, wanted(kind, self._languages))
        for language in [name for name in node.value if name not in self._languages]:
            detail = f"`{language}` is not one of the organisation's languages"
            self.fail(node, f"{detail} ({', '.join(self._languages)})", field=language)
        texts: dict[str, object] = {}
        for language in self._languages:
            found = node.child(language)
            if found is None:
                detail = f"the text in `{language}` is missing"
                texts[language] = self.fail(node, detail, field=language)
            else:
                texts[language] = self.read(BY_LANGUAGE[kind], found)
        return UNREAD if UNREAD in texts.values() else texts

    def _scalar(self, kind: object, node: Node) -> object:
        value = node.value
        if isinstance(value, bool) and kind is bool:
            return value
        if not isinstance(value, str) or kind is bool:
            return self.fail(node, wanted(kind))
        if kind in REFERENCES:
            return self._reference(kind, node, value)
        return (
            self._checked(kind, node, value)
            if kind in SCALARS
            else self._one_of(kind, node, value)
        )

    def _one_of(self, kind: object, node: Node, value: str) -> object:
        allowed = choices(kind)
        if value in allowed:
            return allowed[value]
        hint = nearest(value, list(allowed)) or wanted(kind)
        return self.fail(node, f"`{value}` is not known here; {hint}")

    def _reference(self, kind: object, node: Node, value: str) -> object:
        section, _, noun = REFERENCES[kind]
        names = self.names(kind)
        if value in names:
            return value
        known = ", ".join(names) or "none yet"
        hint = nearest(value, names) or f"those declared under {section}: {known}"
        return self.fail(node, f"no {noun} is called `{value}`; {hint}")

    def names(self, kind: object) -> list[str]:
        """List what a kind of reference may name, as declared in this file."""
        section, key, _ = REFERENCES[kind]
        node: Node | None = self.root
        *path, last = section.split("/")
        for name in path:
            node = node.child(name) if node else None
        items = node.children(last) if node else []
        return [text for item in items if (text := item.text(key))]

    def _checked(self, kind: object, node: Node, value: str) -> object:
        scalar = SCALARS[kind]
        try:
            resolved = resolve(value, self._variables if scalar.variables else {})
            return scalar.check(resolved)
        except UnknownVariableError as error:
            where = "" if scalar.variables else "; variables are for web addresses only"
            return self.fail(node, f"{error}{where}")
        except ValueError as error:
            detail = f"`{_shortened(value)}` will not do; write {scalar.wanted}"
            return self.fail(node, f"{detail} ({error})" if str(error) else detail)


def _languages(root: Node) -> list[str]:
    # Read ahead of everything else: the languages say which texts must be there.
    organisation = root.child("organisation")
    listed = organisation.children("languages") if organisation else []
    return [node.value for node in listed if isinstance(node.value, str)] or ["fr", "en"]


def _shortened(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:57]}…"
