"""A campaign for the benches: one list asked again and again over HTTP, until told to stop.

In a process of its own, which does nothing but send and read: what it costs is the server's.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH: Final = "/v1/permissions/bulk?purpose=newsletter"
_CHUNK: Final = 1 << 18


@contextmanager
def campaigns(several: int, port: int, key: str, question: Path) -> Iterator[None]:
    """Let so many run at once, each beginning anew when it has its answer."""
    words = [sys.executable, "-m", "bench.campaign", str(port), key, str(question)]
    running: list[Any] = []
    try:
        running += [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(several)]
        for each in running:
            # It says when its question was taken.
            each.stdout.readline()
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()
            each.stdout.close()


def main() -> None:
    port, key, question = sys.argv[1:]
    while True:
        connection = HTTPConnection("127.0.0.1", int(port), timeout=600)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv"}
        with Path(question).open("rb") as file:
            connection.request("POST", PATH, file, headers)
            answer = connection.getresponse()
        print(answer.status, flush=True)
        while answer.read(_CHUNK):
            pass
        connection.close()


if __name__ == "__main__":
    main()
