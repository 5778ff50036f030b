"""Limits: how much one caller may ask, and how much one request may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .environment import Environment

_RATES: Final = ("decisions", "lookups", "writes", "pages", "signups")
_SIZES: Final = ("body_bytes", "import_bytes", "bulk_megabytes")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one caller may ask; written `count/seconds`, shared by all workers."""

    decisions: str = "600/minute"
    lookups: str = "60000/minute"
    writes: str = "12000/minute"
    pages: str = "600/minute"
    signups: str = "60/minute"
    body_bytes: int = 64 * 1024
    document_bytes: int = 1024 * 1024
    import_bytes: int = 1024 * 1024 * 1024
    # The most that one campaign's question may take of the disk, uncompressed.
    bulk_megabytes: int = 4096


def read_limits(environment: Environment) -> Limits:
    """Read `CONSENT_LIMIT_…` and the sizes."""
    plain = Limits()
    told: dict[str, Any] = {}
    for name in _RATES:
        variable = f"CONSENT_LIMIT_{name.upper()}"
        told[name] = environment.text(variable, getattr(plain, name))
        count, _, unit = told[name].partition("/")
        if not (count.isdecimal() and unit in {"second", "minute", "hour"}):
            environment.faults.append(f"{variable} must look like 600/minute")
    for name in _SIZES:
        told[name] = environment.number(f"CONSENT_{name.upper()}", getattr(plain, name))
    return Limits(**told)
