"""By which server an organisation's mail leaves: declared, shown without its password."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros, to_micros
from ..db import Sql, Transaction, as_json, to_json
from ..ids import new_id, public
from ..organisations import audit, keys_of
from ..outgoing import RefusedAddress, read_server
from ..problems import FieldError, Unprocessable
from ..web import current

if TYPE_CHECKING:
    from datetime import datetime

_TABLE: Final = "mail_server"
PREFIX: Final = "msv"
PORTS: Final = frozenset({25, 465, 587, 2525})

_ADD: Final = Sql(
    "INSERT INTO mail_server (organisation_id, id, sealed, recorded_at, closed_at)"
    " VALUES (:organisation, :id, :sealed, :now, NULL)"
)
_CLOSE: Final = Sql(
    "UPDATE mail_server SET closed_at = :now"
    " WHERE organisation_id = :organisation AND closed_at IS NULL RETURNING id"
)
# What was replaced is dated, not kept: a password of the past opens somebody's server still.
_BLANK: Final = Sql(
    "DELETE FROM mail_server WHERE organisation_id = :organisation AND closed_at IS NOT NULL"
)
_READ: Final = Sql(
    "SELECT id, sealed, recorded_at FROM mail_server"
    " WHERE organisation_id = :organisation AND closed_at IS NULL"
)


class Security(StrEnum):
    """How the way to the server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    # Only to servers that the operator vouches for (CONSENT_CALLABLE).
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """An SMTP server, and how we log in to it."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = ""
    # Where reports of undelivered mail go; the sender's own address, if it is not said.
    return_path: str = ""

    def said(self, number: int, recorded_at: int) -> dict[str, Any]:
        """Say it as the API and the command line show it: whether there is a password."""
        return {
            "id": public(PREFIX, number),
            "host": self.host,
            "port": self.port,
            "security": self.security.value,
            "username": self.username or None,
            "password": bool(self.password),
            "return_path": self.return_path or None,
            "recorded_at": rfc3339_micros(recorded_at),
            "shared": False,
        }


def set_server(
    tx: Transaction, organisation: int, server: MailServer, *, actor: str, now: datetime
) -> dict[str, Any]:
    """Let an organisation's mail leave by a server from now on; raises `Unprocessable`."""
    check(server)
    moment, number = to_micros(now), new_id()
    keys = keys_of(organisation, tx)
    values = {"organisation": organisation, "now": moment}
    tx.run(_CLOSE, values)
    tx.run(_BLANK, values)
    sealed = keys.seal(to_json(asdict(server)).encode(), _TABLE, number)
    tx.run(_ADD, {**values, "id": number, "sealed": sealed})
    _note(tx, organisation, number, "mail.server_set", actor, now)
    return server.said(number, moment)


def check(server: MailServer) -> None:
    """Refuse a server that we do not call, or a way to it that anyone could read."""
    try:
        to = read_server(
            server.host, server.port, ports=PORTS, allowed=current.settings().callable
        )
    except RefusedAddress as error:
        raise Unprocessable(str(error), errors=[FieldError("/host", str(error))]) from error
    if server.security is Security.NONE and not to.allowed:
        fault = "write starttls or tls: without it, others can read the mail and the password"
        raise Unprocessable(fault, errors=[FieldError("/security", fault)])
    if bool(server.username) != bool(server.password):
        fault = "give username and password together, or neither"
        raise Unprocessable(fault, errors=[FieldError("/username", fault)])


def remove_server(tx: Transaction, organisation: int, *, actor: str, now: datetime) -> bool:
    """Let mail wait as files again; tells whether there was a server."""
    values = {"organisation": organisation, "now": to_micros(now)}
    closed = tx.run(_CLOSE, values)
    tx.run(_BLANK, values)
    for (number,) in closed:
        _note(tx, organisation, number, "mail.server_removed", actor, now)
    return bool(closed)


def server_of(tx: Transaction, organisation: int) -> MailServer | None:
    """Give the server in force, with its password; None if mail becomes files.

    It is the organisation's own, or else the deployment's.
    """
    found = _found(tx, organisation)
    return found[0] if found else _of_deployment()


def _of_deployment() -> MailServer | None:
    told = current.settings().smtp
    if told is None:
        return None
    return MailServer(**{**asdict(told), "security": Security(told.security)})


def server_said(tx: Transaction, organisation: int) -> dict[str, Any] | None:
    """Say the server in force, without its password; of the deployment's, how it is reached."""
    found = _found(tx, organisation)
    if found:
        return found[0].said(*found[1:])
    shared = _of_deployment()
    if shared is None:
        return None
    return {
        "host": shared.host,
        "port": shared.port,
        "security": shared.security.value,
        "password": False,
        "return_path": shared.return_path or None,
        "shared": True,
    }


def _found(tx: Transaction, organisation: int) -> tuple[MailServer, int, int] | None:
    rows = tx.run(_READ, {"organisation": organisation})
    if not rows:
        return None
    number, sealed, recorded_at = rows[0]
    plain = keys_of(organisation, tx).unseal(bytes(sealed), _TABLE, number)
    told = as_json(plain.decode())
    security = Security(told.pop("security"))
    return MailServer(**told, security=security), number, recorded_at


def _note(
    tx: Transaction, organisation: int, number: int, action: str, actor: str, now: datetime
) -> None:
    audit(
        tx,
        organisation=organisation,
        actor=actor,
        action=action,
        target=public(PREFIX, number),
        now=now,
    )
