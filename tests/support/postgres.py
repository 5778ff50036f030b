"""A real PostgreSQL, started by the tests as a user of its own and thrown away after them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from tests.support.shared import once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OLDEST = 15
SUPERUSER = "postgres"
OWNER = "consent_owner"
APP = "consent_app"
TEMPLATE = "consent_template"
ADVICE = (
    f"PostgreSQL {OLDEST} or newer is needed: every database test runs on it. "
    "`make test` installs it; by hand: apt-get install postgresql"
)
# Durability stays as it is by default (the server refuses to start otherwise).
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 400
shared_buffers = 64MB
autovacuum = off
log_min_messages = fatal
"""

_numbers = count(1)


class PostgresMissingError(RuntimeError):
    """The machine has no PostgreSQL that will do."""


@dataclass(frozen=True)
class Cluster:
    """One running PostgreSQL, reached through a socket that only we can open."""

    socket: Path

    def url(self, database: str, role: str) -> str:
        """Give the address of a database, as the server's settings want it."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.socket}"

    def execute(self, *statements: sql.SQL | sql.Composed, database: str = SUPERUSER) -> None:
        """Run statements as the superuser, each in a transaction of its own."""
        with psycopg.connect(
            host=str(self.socket), user=SUPERUSER, dbname=database, autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def make_template(self, migrate: Callable[[str, str], None]) -> None:
        """Make the two roles, and the migrated database that every test copies."""
        self.execute(
            # The server's role owns nothing and cannot step over row-level security.
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(sql.Identifier(APP)),
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(
                sql.Identifier(OWNER)
            ),
        )
        self._create(TEMPLATE, copy_of="template0")
        migrate(self.url(TEMPLATE, APP), self.url(TEMPLATE, OWNER))

    def create_database(self, *, copy_of: str = TEMPLATE, name: str | None = None) -> str:
        """Make a fresh database; gives its name."""
        name = name or f"test_{os.getpid()}_{next(_numbers)}"
        self._create(name, copy_of=copy_of)
        return name

    def _create(self, name: str, *, copy_of: str) -> None:
        self.execute(
            # Files are copied: the other way writes each page to the log, and takes longer.
            sql.SQL(
                "CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8' STRATEGY FILE_COPY"
            ).format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(copy_of))
        )

    def drop_database(self, name: str) -> None:
        """Throw a database away, whoever is still connected."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def cluster(folder: Path, migrate: Callable[[str, str], None]) -> Cluster:
    """Give the cluster of this test run, started by whoever asks first."""

    def build(place: Path) -> None:
        _start(place)
        Cluster(place).make_template(migrate)

    return Cluster(once(folder, "postgresql", build))


def stop(folder: Path) -> None:
    """Stop the cluster of a test run, if one was started there; its data are worth nothing."""
    data = folder / "postgresql" / "data"
    if (data / "postmaster.pid").exists():
        _as_own_user([_program("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop"], data)


def _start(place: Path) -> None:
    data = place / "data"
    if (user := _own_user()) is not None:
        shutil.chown(place, user)
    initdb: list[str | Path] = [_program("initdb"), "-D", data, "-U", SUPERUSER, "--no-sync"]
    # Trust is safe here: the socket lies in a folder that nobody else can open.
    _as_own_user([*initdb, "--auth=trust", "--encoding=UTF8", "--locale=C"], place)
    place.chmod(0o700)
    with (data / "postgresql.conf").open("a") as file:
        file.write(CONFIGURATION.format(socket=place))
    _run(place)


def start_again(folder: Path) -> None:
    """Start the cluster of a test run once more, after `stop`: it recovers as from a crash."""
    _run(folder / "postgresql")


def _run(place: Path) -> None:
    data, log = place / "data", place / "postgresql.log"
    _as_own_user([_program("pg_ctl"), "-D", data, "-l", log, "-w", "-t", "60", "start"], place)


def _own_user() -> str | None:
    """Who PostgreSQL runs as when we are root, for it refuses root; else ourselves."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_own_user(command: Sequence[str | Path], where: Path) -> None:
    user = _own_user()
    # pg_ctl leaves a server behind that would keep a pipe open: its output goes to its log.
    done = subprocess.run(
        command,
        cwd=where,
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}: {_last_words(where)}")


def _last_words(where: Path) -> str:
    log = where / "postgresql.log"
    return log.read_text(errors="replace")[-2000:] if log.exists() else "it left no log"


def _program(name: str) -> Path:
    return _binaries() / name


def _binaries() -> Path:
    debian = [
        path for path in Path("/usr/lib/postgresql").glob("*/bin") if _major(path) >= OLDEST
    ]
    if debian:
        return max(debian, key=_major)
    on_path = shutil.which("initdb")
    if on_path is None:
        raise PostgresMissingError(ADVICE)
    return Path(on_path).resolve().parent


def _major(binaries: Path) -> int:
    name = binaries.parent.name
    return int(name) if name.isdecimal() and (binaries / "initdb").exists() else 0
