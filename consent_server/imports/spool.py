"""The spool: an uploaded file, kept sealed until it is done with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from .. import sealed_file
from ..sealed_file import FRAME, Seal, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..keyring import OrganisationKeys

_WHAT: Final = "import_spool"


def folder(data: Path) -> Path:
    """Give the folder of spooled files; made for its owner alone."""
    place = data / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def write(path: Path, keys: OrganisationKeys, job: int, plain: Iterator[bytes]) -> int:
    """Seal a stream of bytes into a file; gives how many there were."""
    return sealed_file.write(path, Seal(keys, _WHAT, job), plain)


def text_of(
    path: Path, keys: OrganisationKeys, job: int, total: int
) -> io.TextIOWrapper[io.BufferedReader[Any]]:
    """Open a sealed file as the text it is."""
    raw: Any = Stream(path, Seal(keys, _WHAT, job), total)
    return io.TextIOWrapper(io.BufferedReader(raw, 4 * FRAME), encoding="utf-8", newline="")
