"""The facts of choice, and the standing that follows from them."""

from .receipts import read_receipt_name, receipt_name
from .record import Recorder
from .tally import DOWNLOAD, tally
from .values import NewDecision, Written

__all__ = [
    "DOWNLOAD",
    "NewDecision",
    "Recorder",
    "Written",
    "read_receipt_name",
    "receipt_name",
    "tally",
]
