"""Mail to people: whose it is, what it says, and the queue it leaves by."""

from .enqueue import Message, Queued, forget, queue

__all__ = ["Message", "Queued", "forget", "queue"]
