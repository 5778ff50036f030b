"""Whoever writes a row of a subject writes all of them: none of the others is lost."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.house import House


def test_a_banners_choice_leaves_what_the_same_visitor_said_of_other_purposes(
    house: House,
) -> None:
    visitor = secrets.token_urlsafe(16)
    assert house.tell({"visitor": visitor}).status_code == 201
    for action in ("refuse_all", "accept_all"):
        house.clock.advance(minutes=1)
        assert house.choose(house.choice(action, visitor=visitor)).status_code == 201
        assert house.why({"visitor": visitor}) == "consent"
