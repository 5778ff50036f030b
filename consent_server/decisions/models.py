"""Tables: decisions, and the standing that follows from them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class Decision(Base):
    """A subject, through an identifier, said yes or no to purposes: a fact, never changed."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("decision_subject", "organisation_id", "subject_id", "recorded_at"),
        Index("decision_client", "organisation_id", "site_id", "client_id", unique=True),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int]
    identifier_id: Mapped[int]
    # Every identifier the decision was made through, when there are several.
    through: Mapped[list[int] | None] = mapped_column(JSON)
    recorded_at: Mapped[int]
    # When the person says (or the system says) it happened, and when we heard of it.
    decided_at: Mapped[int]
    received_at: Mapped[int]
    door: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    assertion: Mapped[str] = mapped_column(Text)
    # `ours` when this server saw the act itself, `key` when a key holder says so.
    witness: Mapped[str] = mapped_column(Text)
    # {purpose id: {"answer": "yes" | "no" | "claimed", "named": state,
    #  "expires_at": micros or null, "enough": 0 | 1, "state": the standing it made,
    #  "names": the noes that a yes names, where time alone would not do}}
    choices: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    version_id: Mapped[int | None]
    notice_id: Mapped[int | None]
    number: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(Text)
    surface: Mapped[str | None] = mapped_column(Text)
    previous_id: Mapped[int | None]
    site_id: Mapped[int | None]
    # The id the browser made; with the site it makes a retry harmless, for good.
    client_id: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_id: Mapped[str | None] = mapped_column(Text)
    # Source, actor, on_behalf_of, evidence: may be written with an address in them.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Standing(Base):
    """What follows for one subject: derived, can be rebuilt.

    Kept, for each purpose and identifier: the latest yes that counts, and the latest no, made
    through this identifier. The rules combine the rows of one person (permissions.rules).

    On SQLite the subject's number alone is the table's rowid (decision 0048): its tree has
    numbers in its inner pages, and not whole rows, so that they stay in memory.
    """

    __tablename__ = "standing"
    __table_args__ = (
        # What ends when: the worker and the list of renewals walk along it.
        Index(
            "standing_ends",
            "organisation_id",
            "ends_at",
            "subject_id",
            sqlite_where=text("ends_at IS NOT NULL"),
            postgresql_where=text("ends_at IS NOT NULL"),
        ),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True
    )
    # The first moment at which a yes of the subject ends.
    ends_at: Mapped[int | None]
    # Every row of the subject, as `packed` writes them.
    body: Mapped[bytes] = mapped_column(LargeBinary)


class StandingEnd(Base):
    """Another moment at which a yes of a subject ends, beside the first: few have any.

    A hint: whether anything ends there is said by the subject's standing. One too many says
    nothing; it goes when its moment has passed.
    """

    __tablename__ = "standing_end"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    ends_at: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)


class Lapse(Base):
    """A yes that time or new words ended, or soon will: looked at once, and told at most once.

    Written in the transaction of the event that tells it, so that neither can exist alone.
    """

    __tablename__ = "lapse"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    purpose_id: Mapped[int] = mapped_column(primary_key=True)
    yes_id: Mapped[int] = mapped_column(primary_key=True)
    # `expiring`, `expired` or `superseded`.
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    recorded_at: Mapped[int]
    # 0: there was nothing to tell, because a no had ended it before.
    told: Mapped[int]


class LapseReached(Base):
    """How far the worker has looked for one kind of lapse."""

    __tablename__ = "lapse_reached"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # `expiring`, `expired`, or `floor|<notice>|<purpose>`.
    what: Mapped[str] = mapped_column(Text, primary_key=True)
    # Of a floor: the number it moved to.
    number: Mapped[int]
    # A moment, in microseconds; of a floor: a subject.
    reached: Mapped[int]


class SiteTally(Base):
    """How often something happened on a site in a day (UTC): a figure, never a person.

    What decisions themselves do not hold: downloads of the script, and on what class of
    device answers were given. Written in batches, so a figure may be a little low.
    """

    __tablename__ = "site_tally"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(primary_key=True)
    # Days since 1970.
    day: Mapped[int] = mapped_column(primary_key=True)
    # `download`, or a class of device and an answer: `phone.accepted`.
    what: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int]
