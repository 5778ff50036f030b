"""What was kept of a version, given back as it was."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...db import Sql

if TYPE_CHECKING:
    from ...db import Transaction

_KEPT: Final = Sql(
    "SELECT language, view, record_id, kept_at, hash, content, why FROM notice_replay"
    " WHERE organisation_id = :organisation AND version_id = :version"
    " ORDER BY language, view"
)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One view of a version in a language."""

    language: str
    view: str
    record: int
    kept_at: int
    hash: str | None
    content: bytes | None
    why: str | None

    @property
    def is_page(self) -> bool:
        """Tell the page itself from an image of it."""
        return self.view == "page"

    @property
    def file(self) -> str:
        """Name it as a file."""
        return f"{self.language}.{self.view}.{'html' if self.is_page else 'png'}"


class DamagedReplayError(Exception):
    """What is kept is not what its hash says."""


def kept_of(tx: Transaction, organisation: int, version: int) -> list[Kept]:
    """Give every view of a version; empty before the worker has kept it."""
    rows = tx.run(_KEPT, {"organisation": organisation, "version": version})
    return [_kept(*row) for row in rows]


def _kept(
    language: str,
    view: str,
    record: int,
    kept_at: int,
    digest: bytes | None,
    content: bytes | None,
    why: str | None,
) -> Kept:
    plain = zlib.decompress(bytes(content)) if content is not None else None
    if plain is not None and hashlib.sha256(plain).digest() != bytes(digest or b""):
        raise DamagedReplayError(f"the view {view} in {language} is not what was kept")
    return Kept(
        language=language,
        view=view,
        record=record,
        kept_at=kept_at,
        hash=bytes(digest).hex() if digest else None,
        content=plain,
        why=why,
    )
