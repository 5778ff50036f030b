"""What the server is told from outside: read once, or refused with everything that is wrong."""

from .limits import Limits
from .mail import MailBudget, Smtp
from .process import api_key, inherited
from .settings import DEFAULT_PORT, Settings

__all__ = [
    "DEFAULT_PORT",
    "Limits",
    "MailBudget",
    "Settings",
    "Smtp",
    "api_key",
    "inherited",
]
