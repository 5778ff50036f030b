"""The fourteen bodies that a plain reader falls over or believes, at every door.

security.md §1, fact 3; tests 62 to 64.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.hostile.doors import Knock, Place, ids_of, knocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.ground import Ground

JSON: Final = "application/json"
# Where nothing is to be said, the field that nobody asked for.
ANY: Final = "anything"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True)
class Hostile:
    """What is done to a good body, and which refusals are right for it."""

    spoil: Callable[[dict[str, Any]], bytes]
    statuses: frozenset[int] = frozenset({400})
    media: str = JSON
    encoding: str = ""


def _first(value: str) -> Callable[[dict[str, Any]], bytes]:
    """Put raw JSON where the first field's value was."""

    def spoil(body: dict[str, Any]) -> bytes:
        name = next(iter(body), ANY)
        rest = json.dumps({key: each for key, each in body.items() if key != name})[1:]
        return f'{{"{name}": {value}{", " if len(body) > 1 else ""}{rest}'.encode()

    return spoil


def _twice(body: dict[str, Any]) -> bytes:
    name, value = next(iter(body.items()), (ANY, 1))
    return f'{{"{name}": {json.dumps(value)}, {json.dumps(body or {ANY: 1})[1:]}'.encode()


def _plain(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


HOSTILE: Final = {
    "half a surrogate pair": Hostile(_first('"\\ud800"')),
    "an integer of 65 bits": Hostile(_first("18446744073709551616")),
    "an array 100,000 deep": Hostile(
        _first("[" * 100_000 + "]" * 100_000), frozenset({400, 413})
    ),
    "an object 5,000 deep": Hostile(_first('{"a":' * 5_000 + "1" + "}" * 5_000)),
    "an empty array": Hostile(lambda _: b"[]"),
    "null": Hostile(lambda _: b"null"),
    "NaN": Hostile(_first("NaN")),
    "Infinity": Hostile(_first("-Infinity")),
    "a name given twice": Hostile(_twice),
    "UTF-16": Hostile(lambda body: json.dumps(body).encode("utf-16")),
    "U+0000": Hostile(_first('"a\\u0000b"')),
    "a patch's media type": Hostile(
        _plain, frozenset({415}), media="application/json-patch+json"
    ),
    "a body that claims to be gzip": Hostile(_plain, frozenset({415}), encoding="gzip"),
    "an object where a text is meant": Hostile(_first('{"$ne": ""}'), frozenset({422})),
}
MORE: Final = {
    "gzip that claims nothing": Hostile(lambda body: gzip.compress(_plain(body))),
    "a form": Hostile(
        lambda _: b"purpose=newsletter", frozenset({415}), "application/x-www-form-urlencoded"
    ),
    "text": Hostile(_plain, frozenset({415}), "text/plain"),
    "another charset": Hostile(_plain, media="application/json; charset=utf-16"),
    "nothing": Hostile(lambda _: b""),
    "a body cut short": Hostile(lambda body: _plain(body)[:-1]),
    "two bodies": Hostile(lambda body: _plain(body) * 2),
    "a byte order mark": Hostile(lambda body: b"\xef\xbb\xbf" + _plain(body)),
    "a comment": Hostile(lambda body: b"/* */" + _plain(body)),
    "true for a text": Hostile(_first("true"), frozenset({422})),
    "1.5 for a text or a number": Hostile(_first("1.5"), frozenset({422})),
}
assert len(HOSTILE) == 14
# A page's own HTML sends it so, and gets a page (tests/newsletters).
TAKES_FORMS: Final = {("POST", "/v1/sites/<site_id>/subscriptions")}


@pytest.fixture(scope="module")
def doors(ground: Ground) -> dict[Place, Knock]:
    """Give a good request for each door."""
    return knocks(ground, ids_of(ground, ground.ours))


@pytest.mark.parametrize("name", [*HOSTILE, *MORE])
def test_a_hostile_body_is_refused_at_every_door_and_writes_nothing(
    ground: Ground, doors: dict[Place, Knock], name: str
) -> None:
    hostile = {**HOSTILE, **MORE}[name]
    before = ground.dump()
    wrong = {}
    for place, knock in doors.items():
        if name == "a form" and place in TAKES_FORMS:
            continue
        headers = {**knock.headers, "Content-Type": hostile.media}
        if hostile.encoding:
            headers["Content-Encoding"] = hostile.encoding
        answer = knock.send(ground, json=None, data=hostile.spoil(knock.body), headers=headers)
        told = answer.get_json(silent=True, force=True) or {}
        fine = answer.status_code in hostile.statuses and answer.mimetype == PROBLEM
        if not fine or told.get("status") != answer.status_code:
            wrong[place] = (answer.status_code, told)

    assert wrong == {}
    assert ground.dump() == before


@pytest.mark.parametrize(
    "field", ["organisation_id", "id_", "verified", "role", "recorded_at", "__proto__"]
)
def test_a_field_that_nobody_asked_for_is_refused_by_name(
    ground: Ground, doors: dict[Place, Knock], field: str
) -> None:
    before = ground.dump()
    wrong = {}
    for place, knock in doors.items():
        answer = knock.send(ground, json={**knock.body, field: "x"})
        told = answer.get_json()
        named = [each["pointer"] for each in told.get("errors", ())]
        if answer.status_code != 422 or f"/{field}" not in named:
            wrong[place] = (answer.status_code, told)

    assert wrong == {}
    assert ground.dump() == before


def test_every_door_takes_the_same_body_in_its_good_form(
    ground: Ground, doors: dict[Place, Knock]
) -> None:
    refused = {}
    for place, knock in doors.items():
        if place[0] in {"PUT", "PATCH"}:
            knock.headers["If-Match"] = ground.ours.get(knock.path).headers["ETag"]
        answer = knock.send(ground)
        if answer.status_code not in {200, 201, 202}:
            refused[place] = answer.get_json()

    # This organisation is no sandbox, and only a sandbox is wiped.
    assert refused.pop(("POST", "/v1/sandbox/wipe"))["code"] == "sandbox"
    assert refused == {}
    assert len(doors) > 15
