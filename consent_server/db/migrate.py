"""The schema is brought to a revision by its owner: Alembic's work, none of the server's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, make_url, text

from .engines import attach, engine_options
from .schema import migrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config import Settings


# Two first runs at once would both find nothing and both make it. SQLite's own write lock is
# taken before anything is looked at; locks of two numbers never meet those of one.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(12649, 0)")


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the schema to a revision, as its owner; safe to run again."""
    _migrate(settings, command.upgrade, revision)


def downgrade(settings: Settings, revision: str) -> None:
    """Take the schema back to an earlier revision."""
    _migrate(settings, command.downgrade, revision)


def _migrate(settings: Settings, act: Callable[[Config, str], None], revision: str) -> None:
    url = settings.migration_url
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    engine = create_engine(url, **engine_options(url))
    if engine.dialect.name == "sqlite":
        attach(engine)
    try:
        with engine.execution_options(consent_write=True).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(_ALONE)
            act(migration_config(connection, settings), revision)
    finally:
        engine.dispose()


def migration_config(connection: Connection, settings: Settings) -> Config:
    """Tell Alembic where the migrations lie, on which connection, and for which role."""
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    config.attributes["connection"] = connection
    config.attributes["app_role"] = make_url(settings.database_url).username
    return config
