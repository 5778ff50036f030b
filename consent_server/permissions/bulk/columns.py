"""Columns: what is alike in thousands of lines is done to all of them at once, by numpy.

A server that is never asked a list does without it: it is loaded by the first one.
"""

from __future__ import annotations

import os
from importlib import import_module
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
else:

    class _Later(ModuleType):
        """numpy, once something of it is wanted."""

        def __getattr__(self, name: str) -> Any:
            # Sums of matrices are all it would have more threads for; a process that has any
            # cannot be forked with an easy mind.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 - told, not read
            found = getattr(import_module("numpy"), name)
            setattr(self, name, found)
            return found

    np = _Later("numpy")

# What else is imported from here is numpy itself.
__all__ = ["Texts", "beside", "letters", "lines_of", "load", "np", "texts_of"]

_SHORT = 1 << 16


class Texts(NamedTuple):
    """A column of texts: pieces of one text, each from where to where."""

    text: bytes
    begins: Ints
    ends: Ints

    def at(self, place: int) -> bytes:
        """Give one of them."""
        return self.text[self.begins[place] : self.ends[place]]

    def among(self, places: Any) -> Texts:
        """Give some of them."""
        return Texts(self.text, self.begins[places], self.ends[places])


def load() -> None:
    """Load it now, for all processes that are forked from this one."""
    _ = np.ndarray


def texts_of(several: Sequence[bytes]) -> Texts:
    """Make a column of texts."""
    ends = np.cumsum(np.fromiter(map(len, several), np.int64, len(several)))
    return Texts(b"".join(several), np.concatenate(([0], ends[:-1])) if several else ends, ends)


def lines_of(text: bytes) -> Texts:
    """Find the lines of a text, the last of which has no line break behind it."""
    ends = np.flatnonzero(np.frombuffer(text + b"\n", np.uint8) == ord("\n"))
    return Texts(text, np.concatenate(([0], ends[:-1] + 1)), ends)


def letters(text: Any, begins: Ints, size: int, kind: str = "") -> NDArray[Any]:
    """Give so many letters from each of some places on; all of them must be there."""
    return (
        _windows(text, size, kind)[begins] if len(begins) else np.empty(0, kind or f"V{size}")
    )


def _windows(text: Any, size: int, kind: str = "") -> NDArray[Any]:
    # A view of what begins at each place, and no copy.
    return np.ndarray((len(text) - size + 1,), kind or f"V{size}", text, strides=(1,))


def beside(columns: Sequence[Texts]) -> bytes:
    """Put columns side by side: of each line one piece after the other."""
    sizes = [each.ends - each.begins for each in columns]
    whole = sum(sizes)
    stops = np.cumsum(whole)
    if not len(stops):
        return b""
    out = np.empty(int(stops[-1]), np.uint8)
    goals = stops - whole
    for column, size in zip(columns, sizes, strict=True):
        for length, several in _by_size(size):
            there = _windows(out, length)
            there[goals[several]] = letters(column.text, column.begins[several], length)
        goals = goals + size
    return out.tobytes()


def _by_size(sizes: Ints) -> Iterator[tuple[int, Any]]:
    """Sort by size, however many of each there are; what is empty is left out."""
    least, most = int(sizes.min()), int(sizes.max())
    if least == most:
        if most:
            yield most, slice(None)
        return
    # Short numbers are sorted without comparing them.
    order = np.argsort(sizes.astype(np.uint16) if most < _SHORT else sizes, kind="stable")
    ordered = sizes[order]
    edges = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    for start, end in pairwise([0, *edges.tolist(), len(order)]):
        if size := int(ordered[start]):
            yield size, order[start:end]
