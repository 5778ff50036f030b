"""How a file is to be read: what was asked, completed by what its first line says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..clock import NotATime
from ..problems import Unprocessable
from .rules.dates import read_zone
from .rules.presets import PRESETS
from .rules.values import DEFAULTS, IDENTIFIERS, OURS, Fault, Manner, places
from .table import csv_records, header_of, ndjson_records
from .unread import members_of, unread_columns

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Mapping, Sequence

    from .table import Passing, Record

CSV: Final = "csv"
NDJSON: Final = "ndjson"
_MAIL: Final = "@"


def manner_of(asked: Mapping[str, Any]) -> Manner:
    """Read again what was kept with the job."""
    return Manner(
        header=asked["header"],
        columns=asked["columns"],
        defaults=asked["defaults"],
        preset=PRESETS.get(asked["preset"] or ""),
        zone=asked["zone"],
        purposes=asked["purposes"],
    )


def records_of(
    text: io.TextIOBase, asked: Mapping[str, Any], passing: Passing | None = None
) -> Iterator[Record]:
    """Give the records of a file from its beginning, as `csv_records` does."""
    if asked["form"] == NDJSON:
        return ndjson_records(text)
    return csv_records(
        text,
        columns=len(asked["header"]),
        delimiter=asked["delimiter"],
        header=asked["named"],
        passing=passing,
    )


def read_manner(text: io.TextIOBase, form: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Complete what was asked by what the file's beginning says; refuses what cannot be."""
    preset = told.get("preset")
    if preset and preset not in PRESETS:
        raise Unprocessable.at("/preset", f"write one of {', '.join(PRESETS)}")
    _check_columns(told.get("columns") or {})
    _check_defaults(told.get("defaults") or {})
    if told.get("zone"):
        try:
            read_zone(told["zone"])
        except NotATime as error:
            raise Unprocessable.at("/zone", str(error)) from None
    asked: dict[str, Any] = {
        "form": form,
        "header": [],
        "named": not told.get("header"),
        "delimiter": ",",
        "columns": dict(told.get("columns") or {}),
        "defaults": dict(told.get("defaults") or {}),
        "preset": preset,
        "zone": told.get("zone"),
        "purposes": dict(told.get("purposes") or {}),
    }
    if form == CSV:
        asked["header"], asked["delimiter"] = header_of(text, told.get("header"))
        _check_header(asked)
    header = asked["header"] if form == CSV else members_of(text)
    asked["unread"] = unread_columns(header, manner_of(asked))
    return asked


def _check_columns(columns: Mapping[str, str]) -> None:
    for ours in columns:
        if ours not in OURS:
            raise Unprocessable.at("/map", f"our columns are {', '.join(OURS)}")


def _check_defaults(defaults: Mapping[str, str]) -> None:
    for name in defaults:
        if name not in DEFAULTS:
            raise Unprocessable.at(f"/{name}", "this cannot be the same for every row")


def _check_header(asked: Mapping[str, Any]) -> None:
    header: Sequence[str] = asked["header"]
    manner = manner_of(asked)
    if any(_MAIL in name for name in header):
        raise Unprocessable(
            "the first line holds an address, not the names of columns: add a first line such"
            " as email,purpose,answer, or say header=email,purpose,answer"
        )
    names = [name.casefold() for name in header]
    if manner.preset is None:
        try:
            found = {ours for ours, _ in places(manner)}
        except Fault as fault:
            raise Unprocessable.at(f"/map/{fault.column}", fault.right) from None
    else:
        found = _found_by_preset(manner, names)
    if not found & set(IDENTIFIERS) and "cookie" not in found:
        raise Unprocessable(
            "no column names a person: call one email, phone or external_id, or say which it"
            " is with map=email=Your column"
        )


def _found_by_preset(manner: Manner, names: Sequence[str]) -> set[str]:
    preset = manner.preset
    found = set()
    for ours in OURS:
        mine = manner.columns.get(ours)
        theirs = (mine.casefold(),) if mine else preset.columns.get(ours, ()) if preset else ()
        for name in theirs:
            if names.count(name) > 1:
                raise Unprocessable.at(f"/map/{ours}", "the header names this column twice")
            if name in names:
                found.add(ours)
    return found
