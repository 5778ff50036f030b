"""The database: two engines, one way in, and the organisation's wall."""

from .base import Base, db
from .columns import Columns, Message, columns_of
from .draft import Draft, NotYetAsked
from .engines import (
    BUSY_TIMEOUT_MS,
    CLASHED,
    DUPLICATE,
    TROUBLE,
    attach,
    empty_log,
    engine_options,
    refuse_unsafe_sqlite,
)
from .opening import once_more, read, snapshot, swift_write, write
from .question import Question, hurry
from .schema import revision_now, revision_wanted
from .sheaf import Sheaf
from .sql import Asked, Insert, Reading, Sql, as_json, to_json
from .together import Member, Together
from .transaction import Transaction
from .waiting import by_turn

__all__ = [
    "BUSY_TIMEOUT_MS",
    "CLASHED",
    "DUPLICATE",
    "TROUBLE",
    "Asked",
    "Base",
    "Columns",
    "Draft",
    "Insert",
    "Member",
    "Message",
    "NotYetAsked",
    "Question",
    "Reading",
    "Sheaf",
    "Sql",
    "Together",
    "Transaction",
    "as_json",
    "attach",
    "by_turn",
    "columns_of",
    "db",
    "empty_log",
    "engine_options",
    "hurry",
    "once_more",
    "read",
    "refuse_unsafe_sqlite",
    "revision_now",
    "revision_wanted",
    "snapshot",
    "swift_write",
    "to_json",
    "write",
]
