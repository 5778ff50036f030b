"""What a site's script carries so as to recognise others by their address."""

from __future__ import annotations

from typing import Any

import brotli
import pytest

from consent_server.experience import recognise
from consent_server.experience.catalogue import services

BODY: dict[str, Any] = {
    "trackers": [
        {"slug": "youtube", "name": "YouTube", "hosts": None},
        {"slug": "films", "name": "Our\tfilms\n", "hosts": ["player.vimeo.com", "a b"]},
        {"slug": "both", "name": "Both", "hosts": ["static.hotjar.com"]},
    ],
    "purposes": [
        {"slug": "video", "trackers": ["youtube", "films"]},
        {"slug": "analytics", "trackers": ["both"]},
        {"slug": "ads", "trackers": ["both"]},
    ],
}
ON = {"banner": {"auto_block": True}}
OFF: dict[str, Any] = {"banner": {}}


def table(settings: Any) -> dict[str, list[str]]:
    """Give the hosts and words of each name."""
    lines = [line.split("\t") for line in settings["services"].split("\n")]
    assert all(len(line) == 3 for line in lines)
    return {name: [hosts, words] for name, hosts, words in lines}


def test_a_site_that_asks_for_nothing_carries_nothing() -> None:
    none: dict[str, Any] = {"trackers": [], "purposes": []}
    for choose in (recognise.addresses, recognise.posters):
        assert choose(OFF, none) is None


@pytest.mark.parametrize("setting", ["auto_block", "network_guard", "debug"])
def test_the_whole_catalogue_is_known_with_the_purposes_of_the_site(setting: str) -> None:
    known = table(recognise.addresses({"banner": {setting: True}}, BODY))
    assert known.keys() >= {one.name for one in services().values()}
    assert known["YouTube"][1] == "video"
    assert known["Vimeo"][1] == "video"
    assert known["Hotjar"][1] == "analytics ads"


def test_a_service_nobody_declared_has_no_purpose_and_stays_held() -> None:
    assert table(recognise.addresses(ON, BODY))["Meta Pixel"][1] == ""


def test_the_organisations_own_hosts_come_first_and_cannot_break_a_line() -> None:
    found = recognise.addresses(ON, BODY)
    assert found is not None
    first, second, _ = found["services"].split("\n", 2)
    assert first == "Our films\tplayer.vimeo.com\tvideo"
    assert second == "Both\tstatic.hotjar.com\tanalytics ads"


def test_only_declared_films_and_maps_are_drawn_unless_any_may_be_held() -> None:
    assert table(recognise.posters(OFF, BODY)).keys() == {"YouTube", "Vimeo"}
    assert table(recognise.posters(ON, BODY))["Google Maps"][1] == "maps"


def test_the_whole_catalogue_costs_less_than_four_kilobytes() -> None:
    found = recognise.addresses(ON, {"trackers": [], "purposes": []})
    assert found is not None
    assert len(brotli.compress(found["services"].encode())) < 4096
