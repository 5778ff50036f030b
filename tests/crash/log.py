"""The log as a stranger follows it: checkpoint and tiles, over HTTP, trusting nobody."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consent_server.ledger.checkpoint import Checkpoint, open_checkpoint
from consent_server.ledger.merkle import prove_consistency, verify_consistency
from consent_server.ledger.note import VerifierKey, parse_vkey
from consent_server.ledger.tiles import (
    HEIGHT,
    WIDTH,
    TileId,
    TilePath,
    reader_of,
    tile_path,
    tiles_for_consistency,
)
from tests.crash.wire import send

if TYPE_CHECKING:
    from tests.support.running import Running


@dataclass(frozen=True)
class Log:
    """The public log of a deployment, under the key that its operator hands out."""

    port: int
    key: VerifierKey

    def head(self) -> Checkpoint:
        """Give the newest head, once its signature holds."""
        answer = send(self.port, "GET", "/log/checkpoint")
        assert answer.status == 200, answer.content
        return open_checkpoint(answer.content.decode(), [self.key])

    def begins(self, within: float = 20) -> None:
        """Wait for the first head: a log has none until the worker has signed one."""
        deadline = time.monotonic() + within
        while send(self.port, "GET", "/log/checkpoint").status == 404:
            assert time.monotonic() < deadline, f"no head in {within} s"
            time.sleep(0.02)

    def extends(self, earlier: Checkpoint) -> Checkpoint:
        """Prove that the newest head extends an earlier one; gives the newest."""
        now = self.head()
        assert now.size >= earlier.size
        names = tiles_for_consistency(earlier.size, now.size)
        read = reader_of({name: self._tile(name, now.size) for name in names})
        proof = prove_consistency(read, earlier.size, now.size)
        verify_consistency(earlier.size, now.size, proof, earlier.root, now.root)
        return now

    def _tile(self, name: TileId, size: int) -> bytes:
        width = min(WIDTH, (size >> HEIGHT * name.level) - name.number * WIDTH)
        path = tile_path(TilePath(name.level, name.number, width))
        answer = send(self.port, "GET", f"/log/{path}")
        assert answer.status == 200, path
        return answer.content


def log_of(running: Running) -> Log:
    """Give the log of a running deployment."""
    key = running.command("ledger", "key").strip()
    return Log(running.deployment.port, parse_vkey(key))
