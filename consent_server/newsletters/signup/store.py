"""What was asked for: kept sealed, read by name, settled once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from ...db import Sql, Transaction, as_json, to_json
from ...ids import new_id, random_name
from ..links import hash_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...keyring import OrganisationKeys

SEALED_TABLE: Final = "signup"
RECEIVED: Final = "received"
ASKED: Final = "asked"
CONFIRMED: Final = "confirmed"

_INSERT: Final = Sql(
    """
    INSERT INTO signup
        (organisation_id, id, name, hash, sealed, purposes, version_id, language, site_id,
         recorded_at, state, claim_id, message_id, decision_id, settled_at)
    VALUES (:organisation, :id, :name, :hash, :sealed, :purposes, :version, :language, :site,
            :now, 'received', NULL, NULL, NULL, NULL)
    """
)
# Beside the links that end a subscription: a name of one is no name of the other.
_LIST: Final = Sql(
    "INSERT INTO link_directory (link_hash, organisation_id) VALUES (:hash, :organisation)"
)
_UNLIST: Final = Sql("DELETE FROM link_directory WHERE link_hash = :hash")
_COLUMNS: Final = (
    "id, name, hash, sealed, purposes, version_id, language, site_id, recorded_at, state,"
    " claim_id, message_id, decision_id, settled_at"
)
_NAMED: Final = Sql(
    f"SELECT {_COLUMNS} FROM signup WHERE organisation_id = :organisation AND name = :name"
)
_RECEIVED: Final = Sql(
    f"SELECT {_COLUMNS} FROM signup WHERE organisation_id = :organisation"
    " AND state = 'received' ORDER BY recorded_at, id LIMIT :most"
)
_OLD: Final = Sql(
    f"SELECT {_COLUMNS} FROM signup WHERE organisation_id = :organisation"
    " AND state = :state AND recorded_at < :before ORDER BY recorded_at, id LIMIT :most"
)
_OF_HASH: Final = Sql(
    f"SELECT {_COLUMNS} FROM signup WHERE organisation_id = :organisation AND hash = :hash"
)
_ASK: Final = Sql(
    "UPDATE signup SET state = 'asked', claim_id = :claim, message_id = :message"
    " WHERE organisation_id = :organisation AND id = :id"
)
_CONFIRM: Final = Sql(
    "UPDATE signup SET state = 'confirmed', sealed = NULL, decision_id = :decision,"
    " settled_at = :now WHERE organisation_id = :organisation AND id = :id"
)
_DROP: Final = Sql("DELETE FROM signup WHERE organisation_id = :organisation AND id = :id")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came with a form and may name somebody: kept sealed."""

    email: str
    # The origin of the page, as its browser says; none, where a browser keeps it to itself.
    page: str | None
    visitor: str | None


@dataclass(frozen=True, kw_only=True)
class NewSignup:
    """What a form asks, checked for shape and words."""

    told: Told
    # The address in the form it is matched by.
    match: str
    purposes: Sequence[int]
    version: int
    language: str
    site: int


@dataclass(frozen=True, kw_only=True)
class Signup:
    """What somebody asked for, and how far it has come."""

    id: int
    name: str
    hash: bytes
    sealed: bytes | None
    purposes: tuple[int, ...]
    version: int
    language: str
    site: int
    recorded_at: int
    state: str
    claim: int | None
    message_id: str | None
    decision: int | None
    settled_at: int | None

    def told(self, keys: OrganisationKeys) -> Told:
        """Open what it says; only until it is confirmed."""
        if self.sealed is None:
            raise ValueError("what was confirmed is sealed no more: it is gone")
        return Told(**as_json(keys.unseal(self.sealed, SEALED_TABLE, self.id).decode()))

    @property
    def lock(self) -> int:
        """Name the queue in which writers about this address follow each other."""
        return int.from_bytes(self.hash[:8], signed=True)


def directory_hash(name: str) -> bytes:
    """Hash a name as the directory outside the wall knows it."""
    return hash_of(f"doi|{name}")


def add(
    tx: Transaction,
    keys: OrganisationKeys,
    asked: NewSignup,
    *,
    now: int,
) -> None:
    """Keep what was asked; the same work for every address."""
    number, name = new_id(), random_name()
    text = to_json(asdict(asked.told))
    tx.run(
        _INSERT,
        {
            "organisation": keys.organisation,
            "id": number,
            "name": name,
            "hash": keys.index("email", asked.match),
            "sealed": keys.seal(text.encode(), SEALED_TABLE, number),
            "purposes": to_json(list(asked.purposes)),
            "version": asked.version,
            "language": asked.language,
            "site": asked.site,
            "now": now,
        },
    )
    tx.run(_LIST, {"hash": directory_hash(name), "organisation": keys.organisation})


def named(tx: Transaction, organisation: int, name: str) -> Signup | None:
    """Find what a link names."""
    rows = tx.run(_NAMED, {"organisation": organisation, "name": name})
    return _read(rows[0]) if rows else None


def received(tx: Transaction, organisation: int, most: int) -> list[Signup]:
    """Give what nobody has taken up yet, oldest first."""
    rows = tx.run(_RECEIVED, {"organisation": organisation, "most": most})
    return [_read(row) for row in rows]


def older(
    tx: Transaction, organisation: int, state: str, *, before: int, most: int
) -> list[Signup]:
    """Give what has been in a state for too long."""
    values = {"organisation": organisation, "state": state, "before": before, "most": most}
    return [_read(row) for row in tx.run(_OLD, values)]


def of_hashes(tx: Transaction, organisation: int, hashes: Iterable[bytes]) -> list[Signup]:
    """Give what was asked with these addresses, by their keyed hashes."""
    values = [{"organisation": organisation, "hash": each} for each in hashes]
    return [_read(row) for each in values for row in tx.run(_OF_HASH, each)]


def set_asked(
    tx: Transaction, organisation: int, signup: Signup, *, claim: int, message: str
) -> None:
    """Keep that a mail is on its way, and the claim it is about."""
    values = {"organisation": organisation, "id": signup.id}
    tx.run(_ASK, {**values, "claim": claim, "message": message})


def set_confirmed(
    tx: Transaction, organisation: int, signup: Signup, *, decision: int, now: int
) -> None:
    """Keep that it was confirmed; what was sealed is needed no more."""
    values = {"organisation": organisation, "id": signup.id}
    tx.run(_CONFIRM, {**values, "decision": decision, "now": now})


def drop(tx: Transaction, organisation: int, signup: Signup) -> None:
    """Forget it, and its name."""
    tx.run(_DROP, {"organisation": organisation, "id": signup.id})
    tx.run(_UNLIST, {"hash": directory_hash(signup.name)})


def _read(row: Sequence[Any]) -> Signup:
    number, name, hashed, sealed, purposes, *rest = row
    version, language, site, recorded_at, state, claim, message, decision, settled_at = rest
    return Signup(
        id=number,
        name=name,
        hash=bytes(hashed),
        sealed=None if sealed is None else bytes(sealed),
        purposes=tuple(as_json(purposes)),
        version=version,
        language=language,
        site=site,
        recorded_at=recorded_at,
        state=state,
        claim=claim,
        message_id=message,
        decision=decision,
        settled_at=settled_at,
    )
