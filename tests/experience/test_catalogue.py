"""The catalogue of well-known trackers: facts in good order, recognised without doubt."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from consent_server.experience.catalogue import (
    USES,
    Addresses,
    matches_name,
    services,
)
from consent_server.experience.catalogue.declared import catalogue_addresses, declared
from consent_server.experience.catalogue.services import FOLDER
from consent_server.organisations.document import duration
from consent_server.organisations.document.countries import COUNTRIES

ADDRESSES = json.loads(Path(__file__).with_name("addresses.json").read_text())
EVERY = list(services().values())
# Letters, digits and hyphens between dots; then whole segments of a path.
HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?:/(?:\*|[A-Za-z0-9._-]+))*"
)
PLAIN = re.compile(r"[^\x00-\x1f\"\\<>]+")
FIELDS = {
    "slug", "name", "provider", "country", "privacy_url", "hosts", "cookies", "local_storage",
    "session_storage",
}  # fmt: skip


def rows() -> list[dict[str, Any]]:
    return [row for use in USES for row in json.loads(read(use))]


def read(use: str) -> str:
    return (FOLDER / f"{use}.json").read_text("utf-8")


def test_the_catalogue_knows_a_hundred_services_and_more() -> None:
    assert len(EVERY) >= 100
    assert {one.use for one in EVERY} == set(USES)


def test_no_slug_is_used_twice_and_no_file_is_forgotten() -> None:
    assert len(rows()) == len(EVERY)
    assert {path.stem for path in FOLDER.iterdir()} == set(USES)


@pytest.mark.parametrize("use", USES)
def test_services_stand_in_the_order_of_their_slugs(use: str) -> None:
    slugs = [row["slug"] for row in json.loads(read(use))]
    assert slugs == sorted(slugs)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["slug"])
def test_a_service_says_what_it_is_in_the_agreed_form(row: dict[str, Any]) -> None:
    assert row.keys() <= FIELDS
    assert {"slug", "name", "provider", "country", "hosts"} <= row.keys()
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", row["slug"])
    assert row["country"] in COUNTRIES
    assert row["hosts"]
    assert all(HOST.fullmatch(host) for host in row["hosts"])
    assert row.get("privacy_url", "https://x").startswith("https://")
    texts = [row["name"], row["provider"], *row.get("cookies", ())]
    assert all(PLAIN.fullmatch(text) for text in texts)


def test_what_a_service_stores_has_a_name_and_a_lifetime() -> None:
    for lifetime in (lifetime for one in EVERY for lifetime in one.cookies.values()):
        assert lifetime == "session" or duration(lifetime).mean_seconds > 0
    for name in (name for one in EVERY for name in one.names):
        # A star stands at the end, and never for everything.
        assert "*" not in name[:-1]
        assert len(name.removesuffix("*")) >= 2


def overlap(one: str, other: str) -> bool:
    """Tell whether some address is meant by both patterns, neither being the nearer one."""
    first, second = one.split("/"), other.split("/")
    return len(first) == len(second) and all(
        a == b or "*" in (a, b) for a, b in zip(first, second, strict=True)
    )


def test_no_address_belongs_to_two_services() -> None:
    owned = [(host, one.slug) for one in EVERY for host in one.hosts]
    doubtful = [(a, b) for a, b in itertools.combinations(owned, 2) if overlap(a[0], b[0])]
    assert doubtful == []


@pytest.mark.parametrize(("address", "slug"), ADDRESSES)
def test_an_address_is_recognised_by_its_host_and_path(address: str, slug: str | None) -> None:
    found = catalogue_addresses().find(address)
    assert (found.slug if found else None) == slug


def test_every_host_of_the_catalogue_leads_to_its_own_service() -> None:
    addresses = catalogue_addresses()
    for one in EVERY:
        for host in one.hosts:
            assert addresses.find(f"https://{host.replace('*', 'any')}") == one


@pytest.mark.parametrize(
    "address", ["", "https://", "//[", "data:text/html,x", "https://[::1", "about:blank"]
)
def test_what_is_no_address_belongs_to_nobody(address: str) -> None:
    assert catalogue_addresses().find(address) is None


def test_of_equal_patterns_the_first_stands() -> None:
    found = Addresses([("a.example", "own"), ("a.example", "catalogue")])
    assert found.find("https://www.a.example/x") == "own"


def test_a_name_that_ends_in_a_star_stands_for_what_begins_so() -> None:
    assert matches_name("_ga_*", "_ga_ABC")
    assert not matches_name("_ga", "_ga_ABC")


def test_a_tracker_declares_a_service_by_its_slug_or_by_a_host() -> None:
    trackers: list[dict[str, Any]] = [
        {"slug": "youtube", "hosts": []},
        {"slug": "films", "hosts": ["player.vimeo.com"]},
        {"slug": "own", "hosts": ["stats.own.example"]},
    ]
    found = {
        slug: [one["slug"] for one in theirs] for slug, theirs in declared(trackers).items()
    }
    assert found == {"youtube": ["youtube"], "vimeo": ["films"]}
