"""Settings: read once from the environment, or a refusal that names everything at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from ..problems import RefusedToStart
from .environment import Environment, is_address
from .limits import Limits, read_limits
from .mail import MailBudget, Smtp, read_budget, read_smtp
from .process import variables
from .vouching import read_timestamps, read_witnesses

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PORT = 8000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the server is told from outside."""

    data: Path
    database_url: str
    migration_url: str
    base_url: str
    log_origin: str
    port: int = DEFAULT_PORT
    host: str = "127.0.0.1"
    workers: int = 2
    threads: int = 4
    trusted_proxies: int = 0
    log_level: str = "INFO"
    limits: Limits = field(default_factory=Limits)
    security_contact: str = "mailto:security@consent.example"
    demo: str = ""
    # `host:port` pairs that webhooks and mail may reach although they are http or private.
    callable: frozenset[str] = frozenset()
    # Time-stamping authorities (RFC 3161), how often they are asked, and whom they answer to.
    timestamp_urls: tuple[str, ...] = ()
    timestamp_minutes: int = 60
    timestamp_roots: Path | None = None
    # Witnesses (C2SP) of our log: where each is asked, and its key; how often at most.
    witnesses: tuple[tuple[str, str], ...] = ()
    witness_seconds: int = 10
    # The logs whose witness we are, by their keys; and the name we sign under.
    witness_logs: tuple[str, ...] = ()
    witness_name: str = ""
    mail: MailBudget = field(default_factory=MailBudget)
    # By which server mail leaves of organisations that name none of their own.
    smtp: Smtp | None = None
    # Whether the worker keeps what published banners are shown as, with images.
    replays: bool = True

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `CONSENT_*` and `PORT`; raises `RefusedToStart` naming every bad value."""
        environment = Environment(variables() if environ is None else environ)
        settings = cls._read(environment)
        if environment.faults:
            raise RefusedToStart("; ".join(environment.faults))
        return settings

    @classmethod
    def _read(cls, environment: Environment) -> Self:
        data = Path(environment.text("CONSENT_DATA", "var")).absolute()
        port = environment.number("PORT", DEFAULT_PORT)
        base_url = environment.text("CONSENT_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
        if not is_address(base_url):
            environment.faults.append("CONSENT_BASE_URL must be http(s)://host[:port]")
        database = _database(
            environment, "CONSENT_DATABASE_URL", f"sqlite:///{data / 'consent.db'}"
        )
        # An origin is a name, not an address to call: C2SP asks for a schema-less URL.
        ours = f"{urlsplit(base_url).netloc}/log".replace(":", "-")
        return cls(
            data=data,
            port=port,
            host=environment.text("CONSENT_HOST", cls.host),
            base_url=base_url,
            database_url=database,
            migration_url=_database(environment, "CONSENT_MIGRATION_URL", database),
            log_origin=environment.text("CONSENT_LOG_ORIGIN", ours),
            workers=environment.number("CONSENT_WORKERS", cls.workers),
            threads=environment.number("CONSENT_THREADS", cls.threads),
            trusted_proxies=environment.number("CONSENT_TRUSTED_PROXIES", cls.trusted_proxies),
            log_level=environment.text("CONSENT_LOG_LEVEL", cls.log_level).upper(),
            limits=read_limits(environment),
            security_contact=environment.text("CONSENT_SECURITY_CONTACT", cls.security_contact),
            demo=environment.text("CONSENT_DEMO"),
            callable=environment.pairs("CONSENT_CALLABLE"),
            **read_timestamps(environment),
            **read_witnesses(environment, ours),
            mail=read_budget(environment),
            smtp=read_smtp(environment),
            replays=environment.switch("CONSENT_REPLAYS"),
        )

    @property
    def keys(self) -> Path:
        """Where the secrets lie."""
        return self.data / "keys"

    @property
    def secure(self) -> bool:
        """Tell whether people reach us by https."""
        return self.base_url.startswith("https://")


def _database(environment: Environment, name: str, plain: str) -> str:
    url = environment.text(name, plain)
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return f"postgresql+psycopg://{url.removeprefix(short)}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        environment.faults.append(f"{name} must begin with sqlite:/// or postgresql://")
    if url.startswith("sqlite:///") and (url == "sqlite:///" or ":memory:" in url):
        environment.faults.append(
            f"{name}: an in-memory database loses every decision; name a file"
        )
    return url
