"""How often one caller may ask: rates that hold across workers, told in every answer."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import current_app, g, request

from ..problems import TooMany
from .counters import SharedCounters

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask, Response

    from ..clock import Clock
    from ..config import Settings
    from ..keyring import Keyring

_IPV4: Final = 24
_IPV6: Final = 64
_WINDOWS: Final = {"second": 1, "minute": 60, "hour": 3600}
# Where a request carries the quota that it has been counted against.
COUNTED: Final = "consent.counted"
# Where it carries the rates that its caller has for itself.
OWN_RATES: Final = "consent_rates"


class Quota(NamedTuple):
    """What is left of a rate, in the words of draft-ietf-httpapi-ratelimit-headers-11."""

    policy: str
    left: int
    seconds: int
    rate: str
    exceeded: bool = False

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Write it as every counted answer carries it."""
        left = f'"{self.rate}";r={self.left};t={self.seconds}'
        return ("RateLimit-Policy", self.policy), ("RateLimit", left)


def install(app: Flask, settings: Settings, clock: Clock, keyring: Keyring) -> None:
    """Open the counters that all workers of this deployment share."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.extensions["consent.counters"] = SharedCounters(
        settings.data / "limits.mmap", keyring.derive("limits"), lambda: clock().timestamp()
    )


def limit(rate: str, key: str, *, refuse: bool = True) -> None:
    """Count one request of this caller against its own rate, or that of the settings.

    Raises `TooMany`; a withdrawal is counted, and with `refuse=False` never refused.
    """
    # A request that a door in front of us has counted already is not counted twice.
    quota = request.environ.pop(COUNTED, None)
    if quota is None:
        quota = count(current_app, rate, key, own=g.get(OWN_RATES, {}).get(rate))
    g.consent_quota = quota
    if quota.exceeded and refuse:
        raise TooMany(
            f"the quota comes back in {quota.seconds} s",
            headers={"Retry-After": str(quota.seconds)},
            members={"violated-policies": [rate]},
        )


def count(app: Flask, rate: str, key: str, *, own: str | None = None) -> Quota:
    """Count one request of this caller, refusing nobody; `own` is a rate of its own."""
    told = app.extensions
    text = own or getattr(told["consent.settings"].limits, rate)
    most, window, policy = _policy(rate, text)
    counters: SharedCounters = told["consent.counters"]
    now = counters.now()
    counted, end = counters.hit(f"{rate}|{key}", window, now=now)
    left = most - counted
    return Quota(policy, max(0, left), max(1, end - now), rate, exceeded=left < 0)


def tell(response: Response, quota: Quota) -> None:
    """Write the quota that this request was counted against into its answer."""
    response.headers.extend(quota.headers())


def client_prefix(environ: WSGIEnvironment | None = None) -> str:
    """Give the caller's network, /24 or /64: enough to count, too little to know a person."""
    return network((environ or request.environ).get("REMOTE_ADDR", ""))


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """Shorten an address to its network."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    bits = _IPV4 if parsed.version == 4 else _IPV6
    return str(ipaddress.ip_network((parsed, bits), strict=False))


@lru_cache
def _policy(rate: str, text: str) -> tuple[int, int, str]:
    # As `config` and the rooms that let one be set have let it through: `600/minute`.
    most, _, unit = text.partition("/")
    window = _WINDOWS[unit]
    return int(most), window, f'"{rate}";q={most};w={window}'
