"""The database: two engines, one way in, and the organisation's wall.

Read or write is chosen before the first query. On SQLite a write begins IMMEDIATE,
because a read that turns into a write later loses to any other writer at once,
whatever the busy timeout (design.md §9).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import contextmanager
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
import pysqlite3.dbapi2 as pysqlite
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import DeclarativeBase, Session

from .problems import RefusedToStart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from .config import Settings


BUSY_TIMEOUT_MS: Final = 5000
# SQLite before these versions may lose a committed write in WAL mode when two
# connections race a checkpoint (security.md §1, fact 1).
_FIXED_SQLITE: Final = ((3, 44, 6), (3, 50, 7), (3, 51, 3))

TROUBLE: Final[tuple[type[Exception], ...]] = (
    DBAPIError,
    PoolExhausted,
    pysqlite.OperationalError,
    sqlite3.OperationalError,
    psycopg.OperationalError,
)
DUPLICATE: Final[tuple[type[Exception], ...]] = (
    pysqlite.IntegrityError,
    psycopg.errors.UniqueViolation,
)


Result = TypeVar("Result")


class Base(DeclarativeBase):
    """Every table of every room."""

    type_annotation_map = {int: BigInteger}  # noqa: RUF012 - SQLAlchemy reads it so


db = SQLAlchemy(metadata=Base.metadata)


class Sql:
    """A statement written once with `:names`, ready for both drivers."""

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, sqlite: str, postgresql: str | None = None) -> None:
        self.sqlite = sqlite
        other = (postgresql or sqlite).replace("%", "%%")
        self.postgresql = re.sub(r"(?<![:\w]):(\w+)", r"%(\1)s", other)


Asked = tuple[Sql, Mapping[str, Any]]


class Transaction:
    """One transaction on one connection, behind one organisation's wall."""

    def __init__(self, raw: Any, engine: Engine, organisation: int | None) -> None:
        self._raw = raw
        self._engine = engine
        self.organisation = organisation
        self.postgresql = engine.dialect.name == "postgresql"
        self._opening: Asked | None = None
        self._waiting: list[Asked] = []

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Run one statement and give its rows; none for a statement without rows."""
        if not self.postgresql:
            cursor = self._raw.execute(sql.sqlite, values or {})
            return cursor.fetchall() if cursor.description else []
        if self._opening:
            return self.run_together([(sql, values or {})])[0]
        self._write_waiting()
        return _fetched(self._raw.execute(sql.postgresql, values or {}))

    def later(self, sql: Sql, values: Mapping[str, Any]) -> None:
        """Write something that nobody waits for: before the next statement, or the commit.

        On PostgreSQL all that waits is written by one statement. So none of it may touch
        a row that another part of it touches.
        """
        if self.postgresql:
            self._waiting.append((sql, values))
        else:
            self.run(sql, values)

    def _write_waiting(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            text, names = _as_one(tuple(sql for sql, _ in waiting))
            values = [waiting[place][1][name] for place, name in names]
            # The driver takes a long text apart again each time unless it is numbered.
            psycopg.RawCursor(self._raw).execute(text, values)

    def run_together(self, statements: Sequence[Asked]) -> list[list[Any]]:
        """Ask several questions, one after the other, none waiting for an answer.

        On PostgreSQL they travel in one round trip, behind the wall of their own short
        transaction when none is open.
        """
        if not self.postgresql:
            return [self.run(sql, values) for sql, values in statements]
        with self._raw.pipeline():
            self._open()
            self._write_waiting()
            cursors = [self._raw.execute(sql.postgresql, values) for sql, values in statements]
        return [_fetched(cursor) for cursor in cursors]

    def open_with(self, sql: Sql, values: Mapping[str, Any]) -> None:
        """Let a statement go before the first one, in its round trip."""
        self._opening = (sql, values)

    def commit(self) -> None:
        """Write what waits and keep everything, in one round trip."""
        if self._waiting:
            with self._raw.pipeline():
                self._open()
                self._write_waiting()
                self._raw.commit()
        else:
            self._raw.commit()

    def _open(self) -> None:
        if self._opening:
            sql, values = self._opening
            self._raw.execute(sql.postgresql, values)
            if not self._raw.autocommit:
                self._opening = None

    def lock_and_run(self, number: int, statements: Sequence[Asked]) -> list[list[Any]]:
        """Ask once the transactions that locked the same number before have ended.

        What is read is what the one before left. On SQLite a write transaction has the
        database to itself already.
        """
        if self.postgresql:
            return self.run_together([(_LOCK, {"number": number}), *statements])[1:]
        return self.run_together(statements)

    def run_many(self, sql: Sql, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement for each row, without answers."""
        if not rows:
            return
        self._write_waiting()
        text = sql.postgresql if self.postgresql else sql.sqlite
        cursor = self._raw.cursor()
        cursor.executemany(text, rows)
        cursor.close()

    def rows(self, sql: Sql, values: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Run one statement and stream its rows, holding only some in memory."""
        text = sql.postgresql if self.postgresql else sql.sqlite
        if self.postgresql:
            with self._raw.cursor(name="stream") as cursor:
                cursor.itersize = 2000
                cursor.execute(text, values or {})
                yield from cursor
        else:
            yield from self._raw.execute(text, values or {})

    @cached_property
    def session(self) -> Session:
        """An ORM session on this same transaction, for statements that are not hot."""
        raise NotImplementedError


class _SessionTransaction(Transaction):
    def __init__(self, session: Session, organisation: int | None) -> None:
        connection = session.connection()
        raw = connection.connection.driver_connection
        super().__init__(raw, connection.engine, organisation)
        self.__dict__["session"] = session

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        # What the ORM holds back must be visible to the statement that follows it.
        self.session.flush()
        return super().run(sql, values)

    def later(self, sql: Sql, values: Mapping[str, Any]) -> None:
        # The session may read it back behind our back.
        self.run(sql, values)


@contextmanager
def write(organisation: int | None = None) -> Iterator[Transaction]:
    """Open one write transaction; commits at the end, rolls back on any exception."""
    with _open(db.engine.execution_options(consent_write=True), organisation) as transaction:
        yield transaction
        transaction.session.commit()


def once_more(act: Callable[[], Result]) -> Result:
    """Act, and act again if another writer made the same new thing at the same moment.

    The other one is committed by then, and the second time it is found.
    """
    try:
        return act()
    except DUPLICATE:
        return act()


@contextmanager
def read(organisation: int | None = None) -> Iterator[Transaction]:
    """Open one read transaction; nothing it does is kept."""
    with _open(db.engine, organisation) as transaction:
        yield transaction


@contextmanager
def _open(engine: Engine, organisation: int | None) -> Iterator[Transaction]:
    with Session(engine, expire_on_commit=False) as session:
        transaction = _SessionTransaction(session, organisation)
        if transaction.postgresql and organisation is not None:
            transaction.run(_WALL, {"organisation": str(organisation)})
        yield transaction


_LOCK: Final = Sql("", "SELECT pg_advisory_xact_lock(:number)")
_WALL: Final = Sql("", "SELECT set_config('consent.organisation', :organisation, true)")


_WALL_AND_LOCK: Final = Sql(
    "",
    "SELECT set_config('consent.organisation', :organisation, true),"
    " pg_advisory_xact_lock(:lock)",
)


_NAME: Final = re.compile(r"%\((\w+)\)s")


def _fetched(cursor: Any) -> list[Any]:
    # `description` would describe every column first.
    return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []


@lru_cache(maxsize=256)
def _as_one(statements: tuple[Sql, ...]) -> tuple[str, list[tuple[int, str]]]:
    """Write several statements as one, and say which value of which stands for each `$`."""
    numbers: dict[tuple[int, str], int] = {}
    parts = []
    for place, sql in enumerate(statements):

        def number(name: re.Match[str], place: int = place) -> str:
            return f"${numbers.setdefault((place, name[1]), len(numbers) + 1)}"

        parts.append(f"w{place} AS ({_NAME.sub(number, sql.postgresql).replace('%%', '%')})")
    return f"WITH {', '.join(parts)} SELECT 1", list(numbers)


@contextmanager
def swift_write(organisation: int, *, lock: int = 0) -> Iterator[Transaction]:
    """Open a write transaction straight on the driver, for the journeys that are hot.

    Writers with the same `lock` follow each other. It is taken before the first query,
    so that what is read afterwards is what the one before left.
    """
    engine = db.engine
    pooled = engine.raw_connection()
    raw: Any = pooled.driver_connection
    transaction = Transaction(raw, engine, organisation)
    try:
        if transaction.postgresql:
            values = {"organisation": str(organisation), "lock": lock}
            transaction.open_with(_WALL_AND_LOCK if lock else _WALL, values)
        else:
            raw.execute("BEGIN IMMEDIATE")
        yield transaction
        transaction.commit()
    except BaseException:
        raw.rollback()
        raise
    finally:
        pooled.close()


@contextmanager
def swift_read(organisation: int) -> Iterator[Transaction]:
    """Open a read straight on the driver, for one `run` or `run_together`.

    On SQLite all of it sees one moment; on PostgreSQL the connection is in autocommit and
    each call is a transaction of its own, the wall included, in one round trip.
    """
    engine = db.engine
    pooled = engine.raw_connection()
    raw: Any = pooled.driver_connection
    transaction = Transaction(raw, engine, organisation)
    try:
        if transaction.postgresql:
            raw.autocommit = True
            transaction.open_with(_WALL, {"organisation": str(organisation)})
        else:
            raw.execute("BEGIN")
        yield transaction
    finally:
        if not transaction.postgresql:
            raw.rollback()
        elif not raw.closed:
            raw.autocommit = False
        pooled.close()


def engine_options(url: str) -> dict[str, Any]:
    """Give the engine's options for Flask-SQLAlchemy."""
    if url.startswith("sqlite"):
        return {
            "module": pysqlite,
            "hide_parameters": True,
            "pool_size": 16,
            "max_overflow": 16,
            "connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        }
    return {
        # What a statement was asked with may be an address: it never enters a message.
        "hide_parameters": True,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_recycle": 1800,
    }


def attach(engine: Engine) -> None:
    """Make every connection durable and refuse one that is not; chooses how it begins."""
    if engine.dialect.name == "sqlite":
        refuse_unsafe_sqlite(pysqlite.sqlite_version_info)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
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
    ):
        cursor.execute(f"PRAGMA {pragma}")
    for name, right in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != right:
            raise RefusedToStart(f"SQLite {name} is {found}, not {right}: writes could be lost")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("consent_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


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


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the schema to a revision, as its owner; safe to run again."""
    _migrate(settings, command.upgrade, revision)


def downgrade(settings: Settings, revision: str) -> None:
    """Take the schema back to an earlier revision."""
    _migrate(settings, command.downgrade, revision)


def _migrate(settings: Settings, act: Callable[[Config, str], None], revision: str) -> None:
    url = settings.migration_url
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, **engine_options(url))
    if engine.dialect.name == "sqlite":
        attach(engine)
    try:
        with engine.execution_options(consent_write=True).begin() as connection:
            act(migration_config(connection, settings), revision)
    finally:
        engine.dispose()


def migration_config(connection: Connection, settings: Settings) -> Config:
    """Tell Alembic where the migrations lie, on which connection, and for which role."""
    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.attributes["connection"] = connection
    config.attributes["app_role"] = make_url(settings.database_url).username
    return config


def as_json(value: Any) -> Any:
    """Read a JSON column that came through `run`: text on SQLite, parsed on PostgreSQL."""
    return json.loads(value) if isinstance(value, str) else value


def to_json(value: Any) -> str:
    """Write a JSON column that goes through `run`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def revision_now() -> str | None:
    """Tell which revision the database's schema is at."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def revision_wanted() -> str | None:
    """Tell which revision this version of the code needs."""
    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    return ScriptDirectory.from_config(config).get_current_head()


def _migrations() -> Path:
    inside = Path(__file__).parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "migrations"
