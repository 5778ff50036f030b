"""Ahead: what comes next is worked out while the database is waited for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

Item = TypeVar("Item")


def ahead(source: Iterator[Item]) -> Iterator[Item]:
    """Give what a source gives, its next item already being made, by a thread of its own.

    One item ahead and no more. What the source raises is raised in its place.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting = pool.submit(next, source, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, source, None)
            yield item
            del item
