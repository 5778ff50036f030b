"""Who vouches for our log, and for whose log we vouch: time stamps and witnesses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .environment import is_address

if TYPE_CHECKING:
    from .environment import Environment

_DAY_MINUTES: Final = 24 * 60


def read_timestamps(environment: Environment) -> dict[str, Any]:
    """Read `CONSENT_TIMESTAMP_…`, by the names that `Settings` has for it."""
    urls = tuple(environment.words("CONSENT_TIMESTAMP_URLS"))
    if not all(urlsplit(each).scheme in {"http", "https"} for each in urls):
        environment.faults.append(
            "CONSENT_TIMESTAMP_URLS must be addresses, separated by spaces"
        )
    roots = environment.text("CONSENT_TIMESTAMP_ROOTS")
    if roots and not Path(roots).is_file():
        environment.faults.append(
            "CONSENT_TIMESTAMP_ROOTS must name a file of certificates (PEM)"
        )
    return {
        "timestamp_urls": urls,
        # A day without a stamp is a day that nobody outside can tell from another (TS-1).
        "timestamp_minutes": environment.number_between(
            "CONSENT_TIMESTAMP_MINUTES", 60, 1, _DAY_MINUTES
        ),
        "timestamp_roots": Path(roots).absolute() if roots else None,
    }


def read_witnesses(environment: Environment, ours: str) -> dict[str, Any]:
    """Read `CONSENT_WITNESS…`, by the names that `Settings` has; `ours` is our log's name."""
    words = environment.words("CONSENT_WITNESSES")
    pairs = tuple(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or not all(is_address(url) and key.count("+") > 1 for url, key in pairs):
        environment.faults.append(
            "CONSENT_WITNESSES must be pairs of an address and a key (name+id+base64), all"
            " separated by spaces"
        )
    return {
        "witnesses": pairs,
        "witness_seconds": environment.number_between(
            "CONSENT_WITNESS_SECONDS", 10, 1, _DAY_MINUTES * 60
        ),
        "witness_logs": tuple(environment.text("CONSENT_WITNESS_LOGS").split()),
        "witness_name": environment.text(
            "CONSENT_WITNESS_NAME", f"{ours.removesuffix('/log')}/witness"
        ),
    }
