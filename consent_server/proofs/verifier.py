"""The verifier as one file to hand over: it runs where Python is, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from .packed import packed

NAME: Final = "consent-verify.pyz"
_PACKAGE: Final = Path(__file__).parent.parent
# These need what cannot be put into one file; the rest stands alone.
_NOT_ALONE: Final = frozenset({"cli.py", "__main__.py"})
_LINE: Final = b"#!/usr/bin/env python3\n"
_MAIN: Final = b"""import sys

if sys.version_info < (3, 11):
    sys.exit("consent-verify needs Python 3.11 or newer")

from consent_server.verify.alone import main

sys.exit(main())
"""


@cache
def verifier_file() -> bytes:
    """Give the verifier: an archive that Python runs, the same bytes for one version."""
    sources = sorted((_PACKAGE / "verify").glob("*.py"))
    files = {"__main__.py": _MAIN, "consent_server/__init__.py": b""}
    for source in sources:
        if source.name not in _NOT_ALONE:
            files[f"consent_server/verify/{source.name}"] = source.read_bytes()
    return _LINE + packed(files)
