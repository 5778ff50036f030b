"""Mail to people: whose it is, what it says, and the queue it leaves by."""

from .compose import UnfitAddress
from .enqueue import Message, Queued, forget, forget_old, lock_of, queue
from .own_words import refuse_unfit_words

__all__ = [
    "Message",
    "Queued",
    "UnfitAddress",
    "forget",
    "forget_old",
    "lock_of",
    "queue",
    "refuse_unfit_words",
]
