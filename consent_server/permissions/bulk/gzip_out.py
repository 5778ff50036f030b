"""Compressing an answer while it is written."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GZIP: Final = 31
# Tables compress well even in haste, and the haste is what a campaign waits for.
_FAST: Final = 1


def compressed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress blocks as gzip; each is sent when it is there, not when the next one is."""
    deflate = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
    for block in blocks:
        if block:
            yield deflate.compress(block) + deflate.flush(zlib.Z_SYNC_FLUSH)
    yield deflate.flush()
