"""The privacy signal is kept with the decision, whoever says it: page or header (GPC-1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.document import ORIGIN

if TYPE_CHECKING:
    from tests.support.house import House


def kept(house: House, headers: list[str], said: dict[str, Any] | None) -> Any:
    """Send a choice with these headers; give the signals of its record."""
    more = {} if said is None else {"signals": said}
    written = house.client.post(
        f"/v1/sites/{house.site}/decisions",
        json=house.choice("refuse_all", **more),
        headers=[("Origin", ORIGIN), *(("Sec-GPC", value) for value in headers)],
    )
    assert written.status_code == 201
    house.integrate()
    proof = house.get(f"/v1/decisions/{written.get_json()['id']}/proof").get_json()
    return json.loads(proof["record"]).get("signals")


# The cases of the specification's editors (W3C GPC, April 2026).
@pytest.mark.parametrize(
    ("headers", "signalled"),
    [
        ([], False),
        (["1"], True),
        (["0"], False),
        (["true"], False),
        (["1 "], True),
        (["2", "1"], True),
        (["1", "1"], True),
        (["2", "3"], False),
        (["11"], False),
    ],
)
def test_gpc_1_only_exactly_one_counts(
    house: House, headers: list[str], *, signalled: bool
) -> None:
    assert kept(house, headers, None) == ({"gpc": True} if signalled else None)


@pytest.mark.parametrize(
    ("headers", "said", "expected"),
    [
        pytest.param(["1"], {"gpc": False}, {"gpc": True}, id="the header alone"),
        pytest.param([], {"gpc": True}, {"gpc": True}, id="the page alone"),
        pytest.param([], {"gpc": False}, {"gpc": False}, id="neither"),
    ],
)
def test_gpc_1_either_is_enough(
    house: House, headers: list[str], said: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert kept(house, headers, said) == expected


def test_gpc_2_the_signal_changes_no_answer(house: House) -> None:
    written = house.client.post(
        f"/v1/sites/{house.site}/decisions",
        json=house.choice("accept_all"),
        headers=[("Origin", ORIGIN), ("Sec-GPC", "1")],
    )
    assert set(written.get_json()["standing"].values()) == {"granted"}
