"""Where messages go without a server: a folder of files that only its owner can read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from ..clock import from_micros
from ..ids import public
from .compose import PREFIX
from .rules import SENT, Reply

if TYPE_CHECKING:
    from pathlib import Path

    from .waiting import Waiting

_FOLDER: Final = "mail"


def folder_of(data: Path) -> Path:
    """Give the folder, made if need be."""
    folder = data / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_file(data: Path, waiting: Waiting) -> Reply:
    """Write one message as a file, whole or not at all; written again, it is the same file."""
    moment = from_micros(waiting.recorded_at).strftime("%Y%m%dT%H%M%SZ")
    path = folder_of(data) / f"{moment}-{public(PREFIX, waiting.id)}.eml"
    part = path.with_suffix(".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(waiting.raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        return Reply(code=None, word="disk", server=True)
    return SENT
