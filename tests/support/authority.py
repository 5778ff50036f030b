"""A real time-stamping authority on this machine: OpenSSL's own, behind a web server."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[stamper]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/stamper.pem
certs = {folder}/root.pem
signer_key = {folder}/stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """Stamps what is sent to it, under a root of its own; `down` makes it refuse."""

    folder: Path
    down: bool = False
    # As OpenSSL is asked for a key.
    key: tuple[str, ...] = ("rsa:2048",)
    asked: list[bytes] = field(default_factory=list)
    # OpenSSL counts its serial numbers in a file, and so do we our questions and answers.
    _alone: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self._server.server_port}/stamp"

    @property
    def place(self) -> str:
        """Give the pair that the operator vouches for."""
        return f"127.0.0.1:{self._server.server_port}"

    @cached_property
    def roots(self) -> Path:
        """Give the file of the certificate that one trusts."""
        return self.folder / "root.pem"

    def __enter__(self) -> Self:
        authority = self
        self._make()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked.append(asked)
                if authority.down:
                    self.send_error(503)
                    return
                answer = authority.stamp(asked)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def stamp(self, asked: bytes) -> bytes:
        """Answer a query, as `openssl ts -reply` does."""
        query, answer = self.folder / "query.tsq", self.folder / "answer.tsr"
        words = ("ts", "-reply", "-config", "tsa.cnf", "-queryfile", query, "-out", answer)
        with self._alone:
            query.write_bytes(asked)
            self._openssl(*words)
            return answer.read_bytes()

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=self.folder))
        (self.folder / "serial").write_text("01\n")
        self._certificate("root", "/CN=Root of tests", "root")
        signed = ("-CA", "root.pem", "-CAkey", "root.key")
        self._certificate("stamper", "/CN=Stamper of tests", "stamper", *signed)

    def _certificate(self, name: str, subject: str, section: str, *signed: str) -> None:
        self._openssl(
            *("req", "-x509", "-config", "tsa.cnf", "-extensions", section, *signed),
            *("-newkey", *self.key, "-nodes", "-keyout", f"{name}.key"),
            *("-out", f"{name}.pem", "-subj", subject, "-days", "365"),
        )

    def _openssl(self, *words: object) -> None:
        subprocess.run(
            ["openssl", *map(str, words)], cwd=self.folder, check=True, capture_output=True
        )
