"""Settings: read once from the environment, or a refusal that names everything at once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from .problems import RefusedToStart

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PORT = 8000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one caller may ask; written `count/seconds`, shared by all workers."""

    decisions: str = "600/minute"
    lookups: str = "60000/minute"
    writes: str = "12000/minute"
    pages: str = "600/minute"
    signups: str = "60/minute"
    body_bytes: int = 64 * 1024
    document_bytes: int = 1024 * 1024
    import_bytes: int = 1024 * 1024 * 1024
    # The most that one campaign's question may take of the disk, uncompressed.
    bulk_megabytes: int = 4096


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
    limits: Limits = Limits()
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
    mail: MailBudget = MailBudget()
    # By which server mail leaves of organisations that name none of their own.
    smtp: Smtp | None = None
    # Whether the worker keeps what published banners are shown as, with images.
    replays: bool = True

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `CONSENT_*` and `PORT`; raises `RefusedToStart` naming every bad value."""
        return cls(**_read(os.environ if environ is None else environ))

    @property
    def keys(self) -> Path:
        """Where the secrets lie."""
        return self.data / "keys"

    @property
    def secure(self) -> bool:
        """Tell whether people reach us by https."""
        return self.base_url.startswith("https://")


def api_key() -> str:
    """Give the key with which commands call another server (`CONSENT_API_KEY`), if any."""
    return os.environ.get("CONSENT_API_KEY", "")


def inherited(defaults: Mapping[str, str]) -> dict[str, str]:
    """Give this process's environment to a child, with values for what is not set in it."""
    return {**defaults, **os.environ}


def _read(environ: Mapping[str, str]) -> dict[str, Any]:
    faults: list[str] = []
    data = Path(environ.get("CONSENT_DATA") or "var").absolute()
    port = _number(environ, "PORT", DEFAULT_PORT, faults)
    base_url = (environ.get("CONSENT_BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    if urlsplit(base_url).scheme not in {"http", "https"} or not urlsplit(base_url).hostname:
        faults.append("CONSENT_BASE_URL must be http(s)://host[:port]")
    database = environ.get("CONSENT_DATABASE_URL") or f"sqlite:///{data / 'consent.db'}"
    values: dict[str, Any] = {
        "data": data,
        "port": port,
        "host": environ.get("CONSENT_HOST") or "127.0.0.1",
        "base_url": base_url,
        "database_url": _database(database, "CONSENT_DATABASE_URL", faults),
        "migration_url": _database(
            environ.get("CONSENT_MIGRATION_URL") or database, "CONSENT_MIGRATION_URL", faults
        ),
        "log_origin": environ.get("CONSENT_LOG_ORIGIN") or _origin(base_url),
        "workers": _number(environ, "CONSENT_WORKERS", 2, faults),
        "threads": _number(environ, "CONSENT_THREADS", 4, faults),
        "trusted_proxies": _number(environ, "CONSENT_TRUSTED_PROXIES", 0, faults),
        "log_level": (environ.get("CONSENT_LOG_LEVEL") or "INFO").upper(),
        "limits": _limits(environ, faults),
        "security_contact": environ.get("CONSENT_SECURITY_CONTACT")
        or "mailto:security@consent.example",
        "demo": environ.get("CONSENT_DEMO") or "",
        "callable": _pairs(environ, "CONSENT_CALLABLE", faults),
        **_timestamps(environ, faults),
        **_witnesses(environ, base_url, faults),
        "mail": _mail(environ, faults),
        "smtp": _smtp(environ, faults),
        "replays": _switch(environ, "CONSENT_REPLAYS", faults),
    }
    if faults:
        raise RefusedToStart("; ".join(faults))
    return values


def _switch(environ: Mapping[str, str], name: str, faults: list[str]) -> bool:
    said = environ.get(name) or "on"
    if said not in {"on", "off"}:
        faults.append(f"{name} must be on or off")
    return said != "off"


def _timestamps(environ: Mapping[str, str], faults: list[str]) -> dict[str, Any]:
    urls = tuple((environ.get("CONSENT_TIMESTAMP_URLS") or "").replace(",", " ").split())
    if not all(urlsplit(each).scheme in {"http", "https"} for each in urls):
        faults.append("CONSENT_TIMESTAMP_URLS must be addresses, separated by spaces")
    minutes = _number(environ, "CONSENT_TIMESTAMP_MINUTES", 60, faults)
    # A day without a stamp is a day that nobody outside can tell from another (TS-1).
    if not 1 <= minutes <= 24 * 60:
        faults.append("CONSENT_TIMESTAMP_MINUTES must be from 1 to 1440")
    roots = environ.get("CONSENT_TIMESTAMP_ROOTS")
    if roots and not Path(roots).is_file():
        faults.append("CONSENT_TIMESTAMP_ROOTS must name a file of certificates (PEM)")
    return {
        "timestamp_urls": urls,
        "timestamp_minutes": minutes,
        "timestamp_roots": Path(roots).absolute() if roots else None,
    }


def _witnesses(environ: Mapping[str, str], base_url: str, faults: list[str]) -> dict[str, Any]:
    words = (environ.get("CONSENT_WITNESSES") or "").replace(",", " ").split()
    pairs = tuple(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or not all(_is_url(url) and key.count("+") > 1 for url, key in pairs):
        faults.append(
            "CONSENT_WITNESSES must be pairs of an address and a key (name+id+base64), all"
            " separated by spaces"
        )
    seconds = _number(environ, "CONSENT_WITNESS_SECONDS", 10, faults)
    if not 1 <= seconds <= 24 * 60 * 60:
        faults.append("CONSENT_WITNESS_SECONDS must be from 1 to 86400")
    return {
        "witnesses": pairs,
        "witness_seconds": seconds,
        "witness_logs": tuple((environ.get("CONSENT_WITNESS_LOGS") or "").split()),
        "witness_name": environ.get("CONSENT_WITNESS_NAME")
        or f"{_origin(base_url).removesuffix('/log')}/witness",
    }


def _is_url(text: str) -> bool:
    found = urlsplit(text)
    return found.scheme in {"http", "https"} and bool(found.hostname)


def _limits(environ: Mapping[str, str], faults: list[str]) -> Limits:
    plain = Limits()
    rates: dict[str, Any] = {
        name: environ.get(f"CONSENT_LIMIT_{name.upper()}") or getattr(plain, name)
        for name in ("decisions", "lookups", "writes", "pages", "signups")
    }
    for name, rate in rates.items():
        count, separator, unit = rate.partition("/")
        if not (separator and count.isdecimal() and unit in {"second", "minute", "hour"}):
            faults.append(f"CONSENT_LIMIT_{name.upper()} must look like 600/minute")
    return Limits(
        **rates,
        body_bytes=_number(environ, "CONSENT_BODY_BYTES", plain.body_bytes, faults),
        import_bytes=_number(environ, "CONSENT_IMPORT_BYTES", plain.import_bytes, faults),
        bulk_megabytes=_number(environ, "CONSENT_BULK_MEGABYTES", plain.bulk_megabytes, faults),
    )


def _mail(environ: Mapping[str, str], faults: list[str]) -> MailBudget:
    plain = MailBudget()
    names = ("pause_seconds", "mailbox_a_day", "domain_an_hour")
    return MailBudget(
        **{
            name: _number(environ, f"CONSENT_MAIL_{name.upper()}", getattr(plain, name), faults)
            for name in names
        }
    )


def _smtp(environ: Mapping[str, str], faults: list[str]) -> Smtp | None:
    server = environ.get("CONSENT_SMTP") or ""
    told = {
        name: environ.get(f"CONSENT_SMTP_{name.upper()}") or ""
        for name in ("security", "username", "password_file", "return_path")
    }
    if not server:
        if any(told.values()):
            faults.append(
                "CONSENT_SMTP_… says how, and CONSENT_SMTP does not say by which server"
            )
        return None
    host, separator, port = server.lower().rpartition(":")
    if not (host and separator and port.isdecimal()):
        faults.append("CONSENT_SMTP must be host:port, such as smtp.example.org:587")
        return None
    security = told["security"] or "starttls"
    if security not in {"starttls", "tls", "none"}:
        faults.append("CONSENT_SMTP_SECURITY must be starttls or tls")
    if security == "none" and server.lower() not in _pairs(environ, "CONSENT_CALLABLE", []):
        faults.append(
            "CONSENT_SMTP_SECURITY=none lets others read the mail: write starttls or tls, or"
            " name the server in CONSENT_CALLABLE if the way to it is your own"
        )
    if bool(told["username"]) != bool(told["password_file"]):
        faults.append("give CONSENT_SMTP_USERNAME and CONSENT_SMTP_PASSWORD_FILE, or neither")
    return Smtp(
        host=host,
        port=int(port),
        security=security,
        username=told["username"],
        password=_secret(told["password_file"], "CONSENT_SMTP_PASSWORD_FILE", faults),
        return_path=told["return_path"],
    )


def _secret(name: str, variable: str, faults: list[str]) -> str:
    # A file, not a variable: the environment is inherited, and shown by many a tool.
    if not name:
        return ""
    path = Path(name)
    if not path.is_file():
        faults.append(f"{variable} must name a file")
        return ""
    if path.stat().st_mode & 0o077:
        faults.append(f"{variable}: others can read the file; chmod 600 it")
    text = path.read_text("utf-8", "replace").strip()
    if not text.isprintable() or not text:
        faults.append(f"{variable}: the file holds no password, which is one line of text")
    return text


def _number(environ: Mapping[str, str], name: str, plain: int, faults: list[str]) -> int:
    text = environ.get(name) or str(plain)
    if not text.isdecimal() or len(text) > 12:
        faults.append(f"{name} must be a whole number")
        return plain
    return int(text)


def _pairs(environ: Mapping[str, str], name: str, faults: list[str]) -> frozenset[str]:
    pairs = frozenset((environ.get(name) or "").replace(",", " ").lower().split())
    for pair in pairs:
        host, separator, port = pair.rpartition(":")
        if not (host and separator and port.isdecimal()):
            faults.append(f"{name} must be host:port pairs, separated by spaces")
            break
    return pairs


def _database(url: str, name: str, faults: list[str]) -> str:
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return f"postgresql+psycopg://{url.removeprefix(short)}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append(f"{name} must begin with sqlite:/// or postgresql://")
    if url.startswith("sqlite:///") and (url == "sqlite:///" or ":memory:" in url):
        faults.append(f"{name}: an in-memory database loses every decision; name a file")
    return url


def _origin(base_url: str) -> str:
    # An origin is a name, not an address to call: C2SP asks for a schema-less URL.
    return f"{urlsplit(base_url).netloc}/log".replace(":", "-")
