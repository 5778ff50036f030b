"""An archive (ZIP) in its one form: files stored as they are, one day, nothing between them.

A reader of archives passes over much; here all of it must be what it has to be, or it could
be changed unseen.
"""

import struct
import zlib
from collections.abc import Mapping

from consent_server.verify.verdict import Place, Refused

MAX_ARCHIVE = 256 * 1024 * 1024
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_FILE, _ENTRY, _LAST = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
# 1 January 1980, the first day that the format knows; a plain file of a Unix system.
_VERSION, _DAY, _MADE_BY, _PLAIN = 20, 33, 20 | 3 << 8, 0o100644 << 16


def is_archive(data: bytes) -> bool:
    """Tell whether these bytes begin as an archive does."""
    return data.startswith(_FILE)


def read_archive(data: bytes) -> dict[str, bytes]:
    """Take the files out, by name; raises Refused where it is no archive of plain files.

    What lies around them is only known to be right once `require_exact` has compared it.
    """
    if len(data) > MAX_ARCHIVE:
        raise Refused("too_big", Place(), limit=MAX_ARCHIVE)
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == _FILE:
        name, content, after = _next(data, at)
        if name in files:
            raise Refused("archive_twice", Place(name))
        files[name] = content
        at = after
    if data[at : at + 4] != _ENTRY:
        raise Refused("archive_broken", Place(byte=at + 1))
    return files


def _next(data: bytes, at: int) -> tuple[str, bytes, int]:
    try:
        head = _LOCAL.unpack_from(data, at)
        size, length = head[7], head[9]
        start = at + _LOCAL.size + length
        name = data[at + _LOCAL.size : start].decode("ascii")
    except (struct.error, UnicodeDecodeError) as error:
        raise Refused("archive_broken", Place(byte=at + 1)) from error
    if start + size > len(data):
        raise Refused("archive_broken", Place(byte=at + 1))
    return name, data[start : start + size], start + size


def require_exact(data: bytes, files: Mapping[str, bytes]) -> None:
    """Compare an archive with the one form of its files; raises Refused at the first byte."""
    exact = _written(files)
    if exact != data:
        shared = min(len(exact), len(data))
        at = next((at for at in range(shared) if exact[at] != data[at]), shared)
        raise Refused("not_exact", Place(byte=at + 1))


def _written(files: Mapping[str, bytes]) -> bytes:
    parts, entries, at = [], [], 0
    for name, content in files.items():
        size, label = len(content), name.encode()
        same = (_VERSION, 0, 0, 0, _DAY, zlib.crc32(content), size, size, len(label), 0)
        part = _LOCAL.pack(_FILE, *same) + label + content
        entry = _CENTRAL.pack(_ENTRY, _MADE_BY, *same, 0, 0, 0, _PLAIN, at)
        parts.append(part)
        entries.append(entry + label)
        at += len(part)
    listed = b"".join(entries)
    count = len(files)
    last = _END.pack(_LAST, 0, 0, count, count, len(listed), at, 0)
    return b"".join([*parts, listed, last])
