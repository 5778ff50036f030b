"""Files in one archive, the same bytes for the same files: stored as they are, in one form.

Nothing is compressed, for compressors differ between machines and years; `verify` takes no
other form, so that no byte of an archive is free.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

# The first day that the format knows: when a file was packed says nothing.
_DAY: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_PLAIN_FILE: Final = 0o100644 << 16


def packed(files: Mapping[str, bytes]) -> bytes:
    """Give these files as one archive, in the order given; names are plain ASCII."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, data in files.items():
            info = ZipInfo(name, _DAY)
            info.create_system = _UNIX
            info.external_attr = _PLAIN_FILE
            archive.writestr(info, data)
    return out.getvalue()
