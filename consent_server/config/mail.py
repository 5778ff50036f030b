"""Mail: by which server it leaves, and how much of it strangers may set off."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from .environment import is_pair

if TYPE_CHECKING:
    from .environment import Environment


@dataclass(frozen=True, kw_only=True)
class MailBudget:
    """How much mail strangers may set off, by filling in forms with somebody's address."""

    # To one mailbox about the same thing, then about anything.
    pause_seconds: int = 600
    mailbox_a_day: int = 3
    domain_an_hour: int = 500


@dataclass(frozen=True, kw_only=True)
class Smtp:
    """The deployment's own mail server."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = field(default="", repr=False)
    return_path: str = ""


def read_budget(environment: Environment) -> MailBudget:
    """Read `CONSENT_MAIL_…`."""
    plain = MailBudget()
    return MailBudget(
        **{
            each.name: environment.number(
                f"CONSENT_MAIL_{each.name.upper()}", getattr(plain, each.name)
            )
            for each in fields(plain)
        }
    )


def read_smtp(environment: Environment) -> Smtp | None:
    """Read `CONSENT_SMTP` and what says how; None where no server is named."""
    server = environment.text("CONSENT_SMTP").lower()
    told = {
        name: environment.text(f"CONSENT_SMTP_{name.upper()}")
        for name in ("security", "username", "password_file", "return_path")
    }
    if not server:
        if any(told.values()):
            environment.faults.append(
                "CONSENT_SMTP_… says how, and CONSENT_SMTP does not say by which server"
            )
        return None
    if not is_pair(server):
        environment.faults.append(
            "CONSENT_SMTP must be host:port, such as smtp.example.org:587"
        )
        return None
    if bool(told["username"]) != bool(told["password_file"]):
        environment.faults.append(
            "give CONSENT_SMTP_USERNAME and CONSENT_SMTP_PASSWORD_FILE, or neither"
        )
    host, _, port = server.rpartition(":")
    return Smtp(
        host=host,
        port=int(port),
        security=_security(environment, server),
        username=told["username"],
        password=environment.secret("CONSENT_SMTP_PASSWORD_FILE"),
        return_path=told["return_path"],
    )


def _security(environment: Environment, server: str) -> str:
    security = environment.text("CONSENT_SMTP_SECURITY", "starttls")
    if security not in {"starttls", "tls", "none"}:
        environment.faults.append("CONSENT_SMTP_SECURITY must be starttls or tls")
    ours = {each.lower() for each in environment.words("CONSENT_CALLABLE")}
    if security == "none" and server not in ours:
        environment.faults.append(
            "CONSENT_SMTP_SECURITY=none lets others read the mail: write starttls or tls, or"
            " name the server in CONSENT_CALLABLE if the way to it is your own"
        )
    return security
