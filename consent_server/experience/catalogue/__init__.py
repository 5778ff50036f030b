"""Well-known trackers: facts, and how they are recognised. No claim about any one site."""

from .match import Addresses, matches_name
from .services import USES, Service, services

__all__ = ["USES", "Addresses", "Service", "matches_name", "services"]
