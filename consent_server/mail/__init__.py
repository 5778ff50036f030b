"""Mail to people: whose it is, what it says, and the queue it leaves by."""

from .compose import UnfitAddress
from .enqueue import Message, Queued, forget, forget_old, lock_of, queue

__all__ = ["Message", "Queued", "UnfitAddress", "forget", "forget_old", "lock_of", "queue"]
