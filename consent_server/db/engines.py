"""The two engines: how each is made durable, and when it is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import psycopg
import pysqlite3.dbapi2 as pysqlite
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from ..problems import RefusedToStart
from .base import db
from .line import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, Pool

BUSY_TIMEOUT_MS: Final = 5000
_lines: Final[WeakKeyDictionary[Pool, Line]] = WeakKeyDictionary()
# Pages. Each checkpoint is two flushes and writes every page once, however often it changed:
# SQLite's own thousand came after some seventy decisions.
_CHECKPOINT_PAGES: Final = 4000
# SQLite before these versions may lose a committed write in WAL mode when two
# connections race a checkpoint (security.md §1, fact 1).
_FIXED_SQLITE: Final = ((3, 44, 6), (3, 50, 7), (3, 51, 3))

TROUBLE: Final[tuple[type[Exception], ...]] = (
    DBAPIError,
    PoolExhausted,
    # Not only that it is away: a damaged file, too, is a no and a 503, never a guess.
    pysqlite.DatabaseError,
    sqlite3.DatabaseError,
    psycopg.OperationalError,
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
)
DUPLICATE: Final[tuple[type[Exception], ...]] = (
    pysqlite.IntegrityError,
    psycopg.errors.UniqueViolation,
)
# Two writers met: nothing of this one is written, and the next time it finds the other's.
CLASHED: Final[tuple[type[Exception], ...]] = (
    *DUPLICATE,
    psycopg.errors.DeadlockDetected,
)


def engine_options(url: str) -> dict[str, Any]:
    """Give the engine's options for Flask-SQLAlchemy.

    The connection used last is used next: what it has cached and prepared is still warm.
    """
    if url.startswith("sqlite"):
        return {
            "module": pysqlite,
            "hide_parameters": True,
            "pool_size": 16,
            "max_overflow": 16,
            "pool_use_lifo": True,
            "connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        }
    return {
        # What a statement was asked with may be an address: it never enters a message.
        "hide_parameters": True,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_use_lifo": True,
        "pool_recycle": 1800,
        # What it plans by itself the driver forgets at each rollback, and ours with it.
        "connect_args": {"prepare_threshold": None},
    }


def attach(engine: Engine) -> None:
    """Make every connection durable and refuse one that is not; chooses how it begins."""
    if engine.dialect.name == "sqlite":
        refuse_unsafe_sqlite(pysqlite.sqlite_version_info)
        event.listen(engine, "do_connect", _refuse_missing_sqlite)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        for ended in ("checkin", "invalidate", "close"):
            event.listen(engine, ended, lambda raw, *_: end_immediate(engine, raw))
    else:
        event.listen(engine, "connect", _check_postgresql)


def refuse_unsafe_sqlite(version: tuple[int, ...]) -> None:
    """Refuse a SQLite that may lose committed writes in WAL mode."""
    fixed = version >= _FIXED_SQLITE[-1] or any(
        version[:2] == good[:2] and version >= good for good in _FIXED_SQLITE
    )
    if not fixed:
        text = ".".join(map(str, version))
        raise RefusedToStart(
            f"SQLite {text} may lose committed writes; 3.51.3 or later is safe"
        )


def _refuse_missing_sqlite(
    _dialect: object, _record: object, arguments: Sequence[str], _options: object
) -> None:
    # SQLite would make an empty one in its place, and take it for ours; only a migration
    # makes the file.
    if not Path(arguments[0]).exists():
        raise pysqlite.OperationalError("the database file is missing")


def _prepare_sqlite(raw: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    raw.isolation_level = None
    cursor = raw.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "mmap_size=0",
        f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    for name, right in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != right:
            raise RefusedToStart(f"SQLite {name} is {found}, not {right}: writes could be lost")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    if connection.get_execution_options().get("consent_write"):
        begin_immediate(connection.engine, connection.connection.driver_connection)
    else:
        connection.exec_driver_sql("BEGIN")


def begin_immediate(engine: Engine, raw: Any) -> None:
    """Begin to write on SQLite once the writer before has ended; waits 5 s at most.

    The place in the line is given back when the connection returns to its pool, or sooner
    by `end_immediate`.
    """
    if not _line_of(engine).enter(raw, BUSY_TIMEOUT_MS / 1000):
        raise pysqlite.OperationalError("database is locked")
    try:
        raw.execute("BEGIN IMMEDIATE")
    except BaseException:
        end_immediate(engine, raw)
        raise


def empty_log() -> None:
    """Write what was committed into SQLite's file and empty its log, if nobody needs it now.

    The log still holds the pages as they were. Who waits for nobody may find it in use: the
    worker tries again.
    """
    if db.engine.dialect.name != "sqlite":
        return
    pooled = db.engine.raw_connection()
    raw: Any = pooled.driver_connection
    try:
        raw.execute("PRAGMA busy_timeout=0")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        pooled.close()


def end_immediate(engine: Engine, raw: Any) -> None:
    """Let the next writer in, once this connection has committed or rolled back."""
    _line_of(engine).leave(raw)


def _line_of(engine: Engine) -> Line:
    # Engines with options of their own share the pool, and so the line.
    found = _lines.get(engine.pool)
    if found is None:
        path = Path(f"{engine.url.database}.line")
        found = _lines.setdefault(engine.pool, Line(path))
    return found


def _check_postgresql(raw: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = raw.cursor()
    cursor.execute(
        "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
        " current_setting('synchronous_commit'), current_setting('server_version_num')::int,"
        " (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user),"
        " EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'decision'"
        "  AND schemaname = current_schema() AND tableowner = current_user)"
    )
    fsync, pages, commit, version, above, owner = cursor.fetchone() or (
        "",
        "",
        "",
        0,
        True,
        True,
    )
    cursor.close()
    raw.rollback()
    if fsync != "on" or pages != "on" or commit in {"off", "local"}:
        raise RefusedToStart(
            "PostgreSQL must run with fsync=on, full_page_writes=on and synchronous_commit=on"
        )
    if version < 150000:
        raise RefusedToStart("PostgreSQL 15 or later is needed")
    if above or owner:
        # Such a role walks through row-level security, or can switch it off.
        raise RefusedToStart(
            "CONSENT_DATABASE_URL must name a role that is no superuser, has no BYPASSRLS and"
            " does not own the tables; CONSENT_MIGRATION_URL names their owner"
        )
