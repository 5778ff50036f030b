"""What changed between two documents, for a person to read before it is applied."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# The field by which an item of a list is recognised, whatever its position.
_NAMES = ("slug", "kind", "right", "name", "heading")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where, what stood there (None: nothing), what stands there now."""

    path: str
    before: Any
    after: Any


def diff_documents(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Change]:
    """List the differences between two documents in their plain form."""
    return list(_changes("", before or {}, after))


def _changes(path: str, before: object, after: object) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(path, before, after)
    elif _listed(before) and _listed(after):
        yield from _members(path, _listed(before), _listed(after), each="[{}]")
        yield from _order(path, list(_listed(before)), list(_listed(after)))
    elif _listed(after) and before in (None, []):
        yield from _members(path, {}, _listed(after), each="[{}]")
    elif isinstance(after, Mapping) and before is None and "." not in path and "[" not in path:
        yield from _members(path, {}, after)
    else:
        yield Change(path, before, after)


def _members(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any], *, each: str = ".{}"
) -> Iterator[Change]:
    for name in [*before, *(name for name in after if name not in before)]:
        place = f"{path}{each.format(name)}".lstrip(".")
        yield from _changes(place, before.get(name), after.get(name))


def _order(path: str, before: list[str], after: list[str]) -> Iterator[Change]:
    # The order of a list is the order people read it in: a change of it is a change.
    stayed = [name for name in before if name in after]
    if stayed != [name for name in after if name in before]:
        yield Change(f"{path}.order", before, after)


def _listed(value: object) -> dict[str, Any]:
    """Index the items of a list by their names; nothing if they have none, or share one."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return {}
    named = [(_name(item), item) for item in value]
    items = {name: item for name, item in named if name}
    return items if len(items) == len(value) else {}


def _name(item: object) -> str:
    if not isinstance(item, Mapping):
        return ""
    return next((str(item[name]) for name in _NAMES if isinstance(item.get(name), str)), "")


def render_diff(changes: Sequence[Change]) -> str:
    """Write changes as lines: + what is new, - what is gone, ~ what is different."""
    return "\n".join(line for change in changes for line in _lines(change))


def _lines(change: Change) -> Iterator[str]:
    if change.before is None:
        yield f"+ {change.path}{_value(change.after)}"
    elif change.after is None:
        yield f"- {change.path}{_value(change.before)}"
    else:
        yield f"~ {change.path}"
        yield f"    -{_value(change.before, named=False)}"
        yield f"    +{_value(change.after, named=False)}"


def _value(value: object, *, named: bool = True) -> str:
    text = _said(value)
    return f"{':' if named and text else ''} {text}" if text else ""


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        title = value.get("title") or value.get("name")
        if isinstance(title, Mapping):
            return str(next(iter(title.values()), ""))
        return str(title or "") or ", ".join(
            f"{name} {_said(item)}" for name, item in value.items()
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_said(item) for item in value) or "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else " ".join(str(value).split())
