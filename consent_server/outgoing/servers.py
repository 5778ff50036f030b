"""Connecting to a mail server somebody else named: checked and pinned like every call."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from .addresses import Destination, RefusedAddress, is_public, name_of, refuse_numbers

if TYPE_CHECKING:
    from collections.abc import Collection


def read_server(
    host: str, port: int, *, ports: Collection[int], allowed: Collection[str] = ()
) -> Destination:
    """Read the name and port of a server, or raise `RefusedAddress` with what would be right.

    `allowed` are `host:port` pairs that the operator vouches for.
    """
    name = name_of(host.strip())
    if not name or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise RefusedAddress("write the server's host name, such as smtp.example.org")
    vouched = f"{name}:{port}" in allowed
    if not vouched:
        if port not in ports:
            raise RefusedAddress(f"use one of the ports {', '.join(map(str, sorted(ports)))}")
        refuse_numbers(name)
    return Destination(secure=False, host=name, port=port, target="", allowed=vouched)


def addresses_of(host: str, port: int, *, allowed: bool) -> list[str]:
    """Resolve a name; raises `RefusedAddress` if any address is not of the open internet.

    Raises `OSError` when there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    # One bad address among good ones is enough: which would be taken is up to luck.
    if not allowed and not all(is_public(each) for each in addresses):
        raise RefusedAddress("the name leads into a private network")
    return addresses


def connect_server(to: Destination, *, seconds: float) -> socket.socket:
    """Connect to a checked address of a server; raises `OSError` or `RefusedAddress`."""
    failure: OSError = OSError("no address")
    for address in addresses_of(to.host, to.port, allowed=to.allowed):
        try:
            return socket.create_connection((address, to.port), seconds)
        except OSError as error:
            failure = error
    raise failure
