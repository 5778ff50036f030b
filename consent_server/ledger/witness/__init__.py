"""Witnesses (C2SP tlog-witness), both roles: our log is cosigned, and we cosign others'.

A witness says that each checkpoint it saw of a log continues the ones before. So nobody can
be shown another history than the witness was, and an older backup is noticed from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ask import addresses
from .cosign import known_logs

if TYPE_CHECKING:
    from ...config import Settings

__all__ = ["refuse_bad_witnesses"]


def refuse_bad_witnesses(settings: Settings) -> None:
    """Refuse to start with a key in the settings that is none; raises RefusedToStart."""
    addresses(settings)
    known_logs(settings.witness_logs)
