"""Sites keep their ids; their names and origins are those declared now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from consent_server import organisations
from consent_server.db import read
from consent_server.ids import public
from tests.support.document import ORIGIN, apply

if TYPE_CHECKING:
    from tests.support.clock import HandClock

pytestmark = pytest.mark.usefixtures("app")


def only_site(organisation: int) -> organisations.SiteInForce:
    with read(organisation) as tx:
        (site,) = organisations.sites_of(tx, organisation)
    return site


def test_a_site_is_found_by_its_id_from_outside_the_wall(clock: HandClock) -> None:
    site = only_site(apply(clock).organisation)
    found = organisations.find_site(None, public("site", site.id))
    assert found == site
    assert found.origins == {ORIGIN}


@pytest.mark.parametrize(
    "name", ["", "site_", "site_0000000000001", "org_0000000000001", "www"]
)
def test_what_is_no_site_is_not_found(name: str) -> None:
    assert organisations.find_site(None, name) is None


def test_another_name_and_origin_leave_the_id_as_it_was(clock: HandClock) -> None:
    before = only_site(apply(clock).organisation)

    def move(document: dict[str, Any]) -> None:
        document["sites"][0] |= {"name": "elsewhere", "origins": ["https://elsewhere.example"]}

    apply(clock, move)
    found = organisations.find_site(None, public("site", before.id))
    assert found is not None
    assert (found.id, found.name) == (before.id, "elsewhere")
    assert found.origins == {"https://elsewhere.example"}


def test_the_keys_of_an_organisation_are_its_own(clock: HandClock) -> None:
    first = organisations.keys_of(apply(clock).organisation)

    def rename(document: dict[str, Any]) -> None:
        document["organisation"]["slug"] = "another"

    second = organisations.keys_of(apply(clock, rename).organisation)
    assert first.data_key != second.data_key
    assert first.index("email", "a@example.org") != second.index("email", "a@example.org")
    with read(first.organisation) as tx:
        assert organisations.keys_of(first.organisation, tx) == first
