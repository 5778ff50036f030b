"""Every table of every room, gathered for migrations, and which of them the wall guards."""

from __future__ import annotations

from .db import Base
from .decisions import models as decisions
from .experience.replay import models as replays
from .imports import models as imports
from .ledger import models as ledger
from .mail import models as mail
from .newsletters import models as newsletters
from .notices import models as notices
from .organisations import models as organisations
from .outbox import models as outbox
from .permissions import models as permissions
from .permissions.bulk import models as campaigns
from .rights import models as rights
from .subjects import models as subjects
from .web import models as web
from .webhooks import models as webhooks

ROOMS = (
    organisations,
    ledger,
    mail,
    notices,
    subjects,
    decisions,
    permissions,
    campaigns,
    outbox,
    newsletters,
    imports,
    webhooks,
    replays,
    rights,
    web,
)

# Directories (hash -> organisation), pending entries and the tree hold nothing personal
# and must be read before the organisation is known (design.md §9).
OUTSIDE_THE_WALL = frozenset(
    {
        "organisation_directory",
        "site_directory",
        "key_directory",
        "version_directory",
        "link_directory",
        "ledger_pending",
        "ledger_entry",
        "ledger_tile",
        "ledger_head",
        "ledger_checkpoint",
        "ledger_stamp",
        "ledger_cosignature",
        "ledger_witnessed",
        "ledger_feed",
        "alembic_version",
    }
)


def walled() -> list[str]:
    """Name the tables that only their own organisation may see."""
    return sorted(set(Base.metadata.tables) - OUTSIDE_THE_WALL)
