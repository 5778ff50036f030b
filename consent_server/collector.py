"""The collector of cycles: off where hundreds of thousands of objects are made and no cycle."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def uncollected() -> Iterator[None]:
    """Do not look for cycles meanwhile: over and over, it takes a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def collect_young() -> None:
    """Look for cycles among what was made last: now, when nobody waits for us, not later."""
    gc.collect(0)
