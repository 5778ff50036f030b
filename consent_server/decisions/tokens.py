"""What the doors of this room share."""

from __future__ import annotations


def token_of(recorded_at: int) -> str:
    """Mark how fresh a write is: an answer at least as new as it has seen the write.

    Opaque to callers. One database answers here, so every later answer is new enough.
    """
    return f"t1.{recorded_at:x}"
