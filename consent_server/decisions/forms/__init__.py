"""The receipt in the forms of others, whose programs read them: signed, DPV, Kantara."""

from .dpv import dpv_receipt
from .kantara import kantara_receipt

__all__ = ["dpv_receipt", "kantara_receipt"]
