"""Speaking SMTP: a checked address, a checked certificate, and one deadline for each message.

What a server says is never kept: it repeats addresses. Its code is, and one word of ours.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from ..outgoing import RefusedAddress, connect_server, read_server
from .rules import SENT, Reply
from .server import PORTS, Security

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .server import MailServer
    from .waiting import Waiting

# What may go wrong on the way; `SMTPException` is an `OSError`, so are the socket's own.
_TROUBLE: Final = (OSError, EOFError, ValueError)
# What a server says that takes no letters outside ASCII before the @ (RFC 6531).
_NO_SUCH_ADDRESS: Final = 553


class Unreached(Exception):
    """We have no connection that could carry a message; says what came of it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.word)
        self.reply = reply


class _Client(smtplib.SMTP):
    """The library's client, on a connection that was checked and is pinned."""

    def __init__(
        self,
        server: MailServer,
        *,
        seconds: float,
        allowed: Collection[str],
        context: ssl.SSLContext,
        name: str,
    ) -> None:
        super().__init__(local_hostname=name, timeout=seconds)
        self._to = read_server(server.host, server.port, ports=PORTS, allowed=allowed)
        self._tls = server.security is Security.TLS
        self._context = context
        # The library verifies the certificate of this name (as its own SMTP_SSL does).
        self._host = self._to.host
        self.late = False

    def begin(self) -> None:
        """Connect."""
        self.connect(self._to.host, self._to.port)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = connect_server(self._to, seconds=timeout)
        if not self._tls:
            return plain
        return self._context.wrap_socket(plain, server_hostname=host)

    def cut(self) -> None:
        """End it from another thread: whoever waits for an answer stops waiting."""
        self.late = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr] # None: nothing yet


class Connection:
    """One conversation with a server, for several messages."""

    def __init__(
        self,
        server: MailServer,
        *,
        seconds: float,
        allowed: Collection[str],
        context: ssl.SSLContext,
        name: str,
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._context = context
        try:
            self._client = _Client(
                server, seconds=seconds, allowed=allowed, context=context, name=name
            )
        except RefusedAddress as error:
            raise Unreached(Reply(code=None, word="address_refused", server=True)) from error

    def open(self) -> None:
        """Connect, encrypt, log in; raises `Unreached`."""
        word = "unreachable"
        client, server = self._client, self._server
        try:
            with self._deadline():
                client.begin()
                client.ehlo_or_helo_if_needed()
                if server.security is Security.STARTTLS:
                    word = "starttls"
                    client.starttls(context=self._context)
                if server.username:
                    word = "login"
                    client.login(server.username, server.password)
        except RefusedAddress as error:
            raise Unreached(Reply(code=None, word="address_refused", server=True)) from error
        except _TROUBLE as error:
            raise Unreached(self._late or _unreached(error, word)) from error

    @property
    def _late(self) -> Reply | None:
        return Reply(code=None, word="timeout", server=True) if self._client.late else None

    def send(self, waiting: Waiting) -> Reply:
        """Hand one message over; raises nothing."""
        options = () if waiting.raw.isascii() and waiting.to.isascii() else ("SMTPUTF8",)
        back = self._server.return_path or waiting.sender
        try:
            with self._deadline():
                self._client.sendmail(back, [waiting.to], waiting.raw, options)
        except _TROUBLE as error:
            return self._late or _refused(error)
        return SENT

    def close(self) -> None:
        """Say goodbye, or just go."""
        with suppress(*_TROUBLE), self._deadline():
            self._client.quit()
        self._client.close()

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        # A server that sends a byte a minute never meets a socket's own timeout.
        timer = threading.Timer(self._seconds, self._client.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _refused(error: Exception) -> Reply:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        ((code, _),) = error.recipients.values()
        return Reply(code=code, word="recipient")
    if isinstance(error, smtplib.SMTPSenderRefused):
        # Ours, whoever the message is for: to be mended by us.
        return Reply(code=error.smtp_code, word="sender", server=True)
    if isinstance(error, smtplib.SMTPDataError):
        return Reply(code=error.smtp_code, word="message")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Reply(code=_NO_SUCH_ADDRESS, word="address_not_supported")
    return _unreached(error, "unreachable")


def _unreached(error: Exception, word: str) -> Reply:
    if isinstance(error, ssl.SSLError):
        return Reply(code=None, word="certificate", server=True)
    # The library tells a socket's own timeout as a line that was cut.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return Reply(code=None, word="timeout", server=True)
    code = getattr(error, "smtp_code", None)
    return Reply(
        code=code if isinstance(code, int) and code > 0 else None, word=word, server=True
    )
