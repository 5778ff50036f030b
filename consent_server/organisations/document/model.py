"""The whole organisation file, read and found valid."""

from dataclasses import dataclass
from typing import Literal

from .catalogue import Notice, Purpose, Site, Tracker
from .parts import Controller, Organisation, ProcessorDuties, Recipient
from .people import Access, Relationship, Retention, Rights, Source
from .scalars import Words

FORMAT: Literal["consent-organisation/1"] = "consent-organisation/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationDocument:
    """One organisation's complete configuration."""

    organisation: Organisation
    controllers: tuple[Controller, ...]
    relationships: tuple[Relationship, ...]
    retention: Retention
    sources: tuple[Source, ...]
    access: Access
    rights: Rights
    purposes: tuple[Purpose, ...]
    notices: tuple[Notice, ...]
    recipients: tuple[Recipient, ...] = ()
    as_processor: ProcessorDuties | None = None
    security: tuple[Words, ...] = ()
    sites: tuple[Site, ...] = ()
    trackers: tuple[Tracker, ...] = ()
    format: Literal["consent-organisation/1"] = FORMAT
