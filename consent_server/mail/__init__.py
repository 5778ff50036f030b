"""Mail to people: whose it is, what it says, and the queue it leaves by."""

from .bounce import bounced
from .compose import UnfitAddress
from .enqueue import Message, Queued, forget, forget_old, lock_of, queue
from .own_words import refuse_unfit_words

__all__ = [
    "Message",
    "Queued",
    "UnfitAddress",
    "bounced",
    "forget",
    "forget_old",
    "lock_of",
    "queue",
    "refuse_unfit_words",
]
