"""What a record says, told in plain words."""

from collections.abc import Iterator, Mapping

from consent_server.verify.exact import canonical
from consent_server.verify.verdict import Finding, Sort

_TOLD = {
    "kind",
    "v",
    "id",
    "organisation",
    "organisation_name",
    "person",
    "person_key",
    "recorded_at",
    "decided_at",
    "notice_version",
    "notice_hash",
    "language",
    "choices",
    "surface",
    "action",
    "source",
    "assertion",
}


def tell(record: Mapping[str, object]) -> list[Finding]:
    """Say who recorded what, when, under which words and with which choices."""
    return [Finding(Sort.TOLD, code, details) for code, details in _story(record)]


def _story(record: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    yield "who", {"organisation": _organisation(record), **_plain(record, "kind", "id")}
    yield "when", {"recorded_at": record["recorded_at"]}
    if "decided_at" in record:
        yield "decided", {"decided_at": record["decided_at"]}
    if "notice_version" in record:
        yield "notice", _plain(record, "notice_version", "notice_hash", "language")
    choices = record.get("choices")
    if isinstance(choices, Mapping):
        for purpose, answer in choices.items():
            yield "choice", {"purpose": purpose, "answer": _shown(answer)}
    if "surface" in record or "action" in record:
        both = "surface" in record and "action" in record
        yield ("how" if both else "did"), _plain(record, "surface", "action")
    if "source" in record or "assertion" in record:
        yield "known_by", _plain(record, "source", "assertion")
    for name in sorted(record.keys() - _TOLD):
        yield "other", {"name": name, "value": _shown(record[name])}


def _organisation(record: Mapping[str, object]) -> str:
    name = record.get("organisation_name")
    known = _shown(record["organisation"])
    return known if name is None else f"{_shown(name)} ({known})"


def _plain(record: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: _shown(record.get(name)) for name in names}


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else canonical(value).decode()
