"""The ledger: what was recorded, in one order, under signed heads that a stranger can check.

To it an organisation is an opaque id and the name of a log.
"""

from .append import append
from .bundle import Opening
from .integrate import DamagedLogError
from .sequence import Sequenced, sequence_once
from .signer import MAIN_LOG, LogSigner, RefusedToSign

__all__ = [
    "MAIN_LOG",
    "DamagedLogError",
    "LogSigner",
    "Opening",
    "RefusedToSign",
    "Sequenced",
    "append",
    "sequence_once",
]
