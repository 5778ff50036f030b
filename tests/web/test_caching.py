"""Nobody overwrites unseen, and a cursor is ours or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.problems import PreconditionFailed, PreconditionRequired, Problem
from consent_server.web import caching, paging

if TYPE_CHECKING:
    from flask import Flask


def test_a_change_must_name_the_state_it_changes(room: Flask) -> None:
    with room.test_request_context("/"):
        now, before = caching.etag_of({"a": 2}), caching.etag_of({"a": 1})
        assert now != before
        with pytest.raises(PreconditionRequired):
            caching.require_match(now)
    with room.test_request_context("/", headers={"If-Match": before}):
        with pytest.raises(PreconditionFailed) as stale:
            caching.require_match(now)
        assert stale.value.headers == {"ETag": now}
    for fitting in (now, "*", f"{before}, {now}"):
        with room.test_request_context("/", headers={"If-Match": fitting}):
            caching.require_match(now)


def test_whoever_has_the_state_need_not_get_it_again(room: Flask) -> None:
    with room.test_request_context("/"):
        state = caching.etag_of({"a": 1})
        assert not caching.has_fresh(state)
    with room.test_request_context("/", headers={"If-None-Match": f"W/{state}"}):
        assert caching.has_fresh(state)


def test_a_cursor_comes_back_as_it_was_given(room: Flask) -> None:
    with room.test_request_context("/"):
        cursor = paging.write_cursor("notices", 12, "x")

        assert paging.read_cursor("notices", cursor) == (12, "x")
        for other in (cursor[:-1], cursor + "x", "x", "", "[1]"):
            with pytest.raises(Problem) as refused:
                paging.read_cursor("notices", other)
            assert refused.value.errors[0].pointer == "/after"
        with pytest.raises(Problem):
            paging.read_cursor("purposes", cursor)
