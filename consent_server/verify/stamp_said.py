"""What a time stamp (RFC 3161) says of itself: over what, when, by whom. Nothing is checked.

Walked by hand, so that it is told on a machine without libraries, too, and in the same words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consent_server.verify.cms import members, only, split

_CERTIFICATES = 0xA0
_SEQUENCE = 0x30
_TIME = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z")
_BMP = 0x1E
# As RFC 4514 writes them; any other by its number.
_SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
}


@dataclass(frozen=True)
class Stamped:
    """When a stamp says it was made, and by whom."""

    time: str
    authority: str


@dataclass(frozen=True)
class Said:
    """The manner of hashing and the hash that a stamp is over; and when, and by whom."""

    manner: bytes
    imprint: bytes
    stamped: Stamped


def read_stamp(token: bytes) -> Said:
    """Walk ContentInfo, SignedData, TSTInfo; raises ValueError or LookupError."""
    _, explicit = members(only(token))
    data = members(only(only(explicit)))
    _, content = members(only(data[2]))
    told = members(only(only(only(content))))
    manner, hashed = members(only(told[2]))
    kind = members(only(manner) + b"\x05\x00")[0]
    stamped = Stamped(_moment(only(told[4])), _signer(data))
    return Said(kind, only(hashed), stamped)


def name_of(name: bytes) -> str:
    """Write a distinguished name (DER) as RFC 4514 does, the last of its parts first."""
    parts = [
        "+".join(_attribute(each) for each in split(only(rdn))) for rdn in split(only(name))
    ]
    return ",".join(reversed(parts))


def certificates_of(data: Sequence[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Give each certificate of a SignedData, with its serial number and its subject."""
    for part in data:
        if part[0] == _CERTIFICATES:
            for each in split(only(part)):
                fields = list(members(only(members(only(each))[0])))
                first = 1 if fields[0][0] == _CERTIFICATES else 0
                yield each, fields[first], fields[first + 4]


def serial_of(data: Sequence[bytes]) -> bytes:
    """Give the serial number of the certificate that a SignedData says it is signed by."""
    who = members(only(only(data[-1])))[1]
    return members(only(who))[1] if who[0] == _SEQUENCE else b""


def _signer(data: Sequence[bytes]) -> str:
    serial = serial_of(data)
    names = [name for _, number, name in certificates_of(data) if number == serial]
    return name_of(names[0]) if names else "–"


def _moment(text: bytes) -> str:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("no moment")
    year, month, day, hour, minute, second = (each.decode() for each in found.groups())
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


def _attribute(attribute: bytes) -> str:
    kind, value = members(only(attribute))
    dotted = _dotted(only(kind))
    text = only(value).decode("utf-16-be" if value[0] == _BMP else "utf-8")
    return f"{_SHORT.get(dotted, dotted)}={_escaped(text)}"


def _escaped(text: str) -> str:
    text = re.sub(r'([,+"\\<>;])', r"\\\1", text).replace("\0", r"\00")
    if text[1:].endswith(" "):
        text = f"{text[:-1]}\\ "
    return f"\\{text}" if text[:1] in {"#", " "} else text


def _dotted(content: bytes) -> str:
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))
