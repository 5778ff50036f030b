"""May we? One pure answer with its reason, in the order of design.md §6. Doubt is no."""

from .judge import may_contact
from .retention import kept_until, past_retention

__all__ = ["kept_until", "may_contact", "past_retention"]
