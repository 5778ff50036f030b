"""A real SMTP server in a thread: it takes mail, or refuses, hangs, or lists in grey."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

HOST = "localhost"


@dataclass
class Taken:
    """A message as the server took it."""

    sender: str
    recipients: list[str]
    raw: bytes
    tls: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        """Read it."""
        return message_from_bytes(self.raw, policy=policy.default)


@dataclass
class Post:
    """What a server of the test does, and what it has taken."""

    port: int
    # The next answers to RCPT or DATA, each used once; then everything is taken.
    to_recipients: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)

    @property
    def allowed(self) -> frozenset[str]:
        """What an operator would write into CONSENT_CALLABLE."""
        return frozenset({f"{HOST}:{self.port}"})


class _Handler:
    def __init__(self, post: Post) -> None:
        self.post = post

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.post.to_recipients:
            return self.post.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.post.to_data:
            return self.post.to_data.pop(0)
        login = getattr(session, "auth_data", None)
        self.post.taken.append(
            Taken(
                sender=envelope.mail_from,
                recipients=list(envelope.rcpt_tos),
                raw=envelope.original_content,
                tls=session.ssl is not None,
                user=login,
            )
        )
        return "250 OK"


@contextmanager
def post_office(
    *, context: ssl.SSLContext | None = None, tls: bool = False, login: str | None = None
) -> Iterator[Post]:
    """Run a server; with a context it asks for STARTTLS, or speaks TLS from the start."""
    post = Post(port=0)

    def authenticate(_s: Any, _session: Any, _e: Any, _mechanism: str, data: Any) -> AuthResult:
        known = f"{data.login.decode()}:{data.password.decode()}" == login
        return AuthResult(success=known, auth_data=data.login.decode(), handled=False)

    more: dict[str, Any] = {}
    if context is not None and not tls:
        more = {"tls_context": context, "require_starttls": True}
    if login:
        more |= {
            "authenticator": authenticate,
            "auth_required": True,
            "auth_require_tls": context is not None,
        }
    controller = Controller(
        _Handler(post),
        hostname="127.0.0.1",
        port=free_port(),
        ready_timeout=60,
        ssl_context=context if tls else None,
        enable_SMTPUTF8=True,
        **more,
    )
    controller.start()
    post.port = controller.port
    try:
        yield post
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """Run a server that takes the connection and never says a word; gives its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        yield int(listening.getsockname()[1])


def certificate(folder: Path, name: str = HOST) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate nobody knows: what the server speaks with, and whom to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "mail-ca.pem", folder / "mail.key"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(trusted, private)
    return context, trusted


def body_of(message: EmailMessage, kind: str = "plain") -> str:
    """Read one part of a message: `plain` or `html`."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())
