"""Which addresses we call on somebody else's word (standards.md SSRF-1, SSRF-3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST_URL: Final = 2048
_PORTS: Final = frozenset({443, 8443})
# Some readers of URLs take a backslash for a slash, others do not.
_NEVER: Final = frozenset("\\")
# Forms of IPv6 that carry an IPv4 address in their last 32 bits: NAT64 (RFC 6052, RFC 8215)
# and the old IPv4-compatible ones.
_INNER_LAST: Final = tuple(
    IPv6Network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")
)
# Not of the open internet by IANA's registries, whatever `ipaddress` of this Python says.
_NOT_PUBLIC: Final = tuple(
    ip_network(each)
    for each in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "100::/64",
    )
)
# Where clouds hand out their machines' credentials; both are inside refused ranges today,
# and stay refused should a registry move them.
_METADATA: Final = frozenset({ip_address("169.254.169.254"), ip_address("fd00:ec2::254")})


class RefusedAddress(ValueError):
    """We do not call this address; the text says why, and never repeats it."""


@dataclass(frozen=True)
class Destination:
    """Where a call goes: the name to verify, the port, and what comes after."""

    secure: bool
    host: str
    port: int
    target: str
    # Named by the operator: it may be http, private, or on another port.
    allowed: bool = False

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        usual = 443 if self.secure else 80
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"


def read_url(text: str, *, allowed: Collection[str] = ()) -> Destination:
    """Read the URL of a receiver, or raise `RefusedAddress` with what would be right.

    `allowed` are `host:port` pairs that the operator vouches for, for receivers on the
    same machine or network.
    """
    if len(text) > LONGEST_URL:
        raise RefusedAddress(f"an address has {LONGEST_URL} letters at most")
    if any(letter in _NEVER or letter.isspace() or not letter.isprintable() for letter in text):
        raise RefusedAddress("an address has no spaces, backslashes or control characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RefusedAddress("this is no address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise RefusedAddress("begin with https:// and a host name")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise RefusedAddress("leave name and password out of the address")
    if parts.fragment:
        raise RefusedAddress("leave out what follows #")
    secure = parts.scheme == "https"
    number = port if port is not None else (443 if secure else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found = Destination(secure, name_of(host), number, _ascii(target))
    if f"{found.host}:{found.port}" in allowed:
        return Destination(secure, found.host, number, found.target, allowed=True)
    _refuse(found)
    return found


def _refuse(found: Destination) -> None:
    if not found.secure:
        raise RefusedAddress("use https")
    if found.port not in _PORTS:
        raise RefusedAddress("use port 443 or 8443")
    refuse_numbers(found.host)


def refuse_numbers(host: str) -> None:
    """Refuse a host that is a number, or a name that only a network of its own knows."""
    if _is_number(host):
        raise RefusedAddress("use a host name, not a number")
    if "." not in host.strip("."):
        raise RefusedAddress("use a full host name, such as hooks.example.org")


def name_of(host: str) -> str:
    """Give a host name as the network knows it: in ASCII, in small letters."""
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        raise RefusedAddress("this is no host name") from None


def _ascii(target: str) -> str:
    if not target.isascii():
        raise RefusedAddress("write letters outside ASCII percent-encoded")
    return target


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        # 0x7f.1, 2130706433 and 127.1 are numbers to a resolver too.
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdecimal() or last.startswith("0x")
    return True


def is_public(text: str) -> bool:
    """Tell whether an IP address is one of the open internet.

    `ipaddress` alone is not enough: it calls multicast, NAT64, 6to4 and others global.
    What carries an IPv4 address inside is judged by that one.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return _public(address)


def _public(address: IPv4Address | IPv6Address) -> bool:
    if address in _METADATA:
        return False
    if isinstance(address, IPv6Address):
        if (inner := _inner(address)) is not None:
            return _public(inner)
        if address.is_site_local:
            return False
    bad = (
        any(address in network for network in _NOT_PUBLIC)
        or address.is_multicast
        or address.is_reserved
        or address.is_link_local
        or address.is_loopback
        or address.is_unspecified
        or address.is_private
    )
    return address.is_global and not bad


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        # Server and client: the client is whom we would reach.
        return address.teredo[1]
    if any(address in network for network in _INNER_LAST):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
