"""An order: what is asked of a file, in which formats, and where it is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ...clock import Clock
    from ...keyring import OrganisationKeys
    from ...ledger import LogSigner


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked of a file, and in which formats."""

    purpose: str
    channel: str | None = None
    # Which lines come back: `allowed`, `denied`, or all.
    only: str | None = None
    csv_in: bool = True
    csv_out: bool = True
    delimiter: str | None = None
    identifier: str | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What a run needs of the place it runs in."""

    data: Path
    clock: Clock
    keys: OrganisationKeys
    signer: LogSigner
    actor: str
